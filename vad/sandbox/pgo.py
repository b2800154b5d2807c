"""The demo PGO "Mijn Zorgmap" (MedMij 'DVP'): an app that logs people in through VAD and shows their data.

A program of another organisation: it knows VAD only by its address and its registration. How it talks to VAD is in
`pgo_oidc` and `pgo_logout`, what it remembers of a visitor in `pgo_visit`, for whom that visitor acts in `pgo_acting`,
how it shows FHIR in `pgo_fhir`.
"""

import secrets
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from flask import Flask, Response, abort, g, jsonify, redirect, render_template, request, url_for
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from werkzeug.wrappers import Response as BaseResponse

from vad.sandbox import fields
from vad.sandbox.issuer import Issuer, IssuerUnavailableError
from vad.sandbox.memory import ShortLived
from vad.sandbox.pgo_config import Config, Source
from vad.sandbox.pgo_fhir import groups, patient_name
from vad.sandbox.pgo_logout import Logout, LogoutTokenError
from vad.sandbox.pgo_oidc import OidcError, RelyingParty
from vad.sandbox.pgo_texts import TEXTS, Language, error_key, text
from vad.sandbox.pgo_visit import Visit, begin

__all__ = ["Config", "create_app"]

LANGUAGE_COOKIE = "pgo_taal"
SESSION = 7200.0
"""Seconds that a session of this app lives: as long as VAD's own at most."""
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
_LANGUAGES: dict[str, Language] = {"nl": "nl", "en": "en"}
_PAGES = ("home", "data", "letters", "logged_out", "error")


def create_app(config: Config) -> Flask:
    """The PGO as a WSGI program. Raises ConfigError when its key cannot be used."""
    try:
        key = import_key(dict(config.signing_key))
    except (JoseError, ValueError, KeyError) as error:
        raise fields.ConfigError("signing_key cannot be used") from error
    pgo = _Pgo(config, key)
    app = Flask(__name__, static_folder="static/pgo", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="healthz")
    app.add_url_rule("/", view_func=pgo.home)
    app.add_url_rule("/inloggen", view_func=pgo.log_in, methods=["POST"])
    app.add_url_rule("/callback", view_func=pgo.callback)
    app.add_url_rule("/gegevens", view_func=pgo.data)
    app.add_url_rule("/brieven/<int:number>", view_func=pgo.letters)
    app.add_url_rule("/<any(gegevens, brieven):page>/<int:number>/inloggen", view_func=pgo.again, methods=["POST"])
    app.add_url_rule("/uitloggen", view_func=pgo.log_out, methods=["POST"])
    app.add_url_rule("/uitgelogd", view_func=pgo.logged_out)
    app.add_url_rule("/sessie-voorbij", view_func=pgo.session_ended, methods=["POST"])
    app.add_url_rule("/fout", view_func=pgo.error)
    app.add_url_rule("/received", view_func=pgo.received)
    app.register_error_handler(404, pgo.not_found)
    app.before_request(_choose_language)
    app.before_request(_refuse_other_sites)
    app.after_request(pgo.headers)
    app.context_processor(
        lambda: {
            "pgo": config,
            "t": lambda key, **values: text(g.language, key, **values),
            "t_has": TEXTS.__contains__,
        }
    )
    return app


class _Pgo:
    """The routes of the PGO and its visitors."""

    def __init__(self, config: Config, key: Key) -> None:
        self._config = config
        issuer = Issuer(config.issuer)
        self._party = RelyingParty(issuer, config.client_id, config.redirect_uri, key, config.certificate)
        back = urljoin(config.redirect_uri, "/uitgelogd")
        self._logout = Logout(issuer, config.client_id, back)
        self._visits: ShortLived[Visit] = ShortLived(time.monotonic, most=1000)
        # Apps of one demo share a host, and so each other's cookies: the name keeps them apart.
        self._cookie = f"{config.client_id}_session"
        self._secure = config.redirect_uri.startswith("https://")
        vad = urlsplit(config.issuer)
        # Browsers apply form-action to where a form's answer redirects to, so VAD must be named.
        self._policy = (
            "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
            f"form-action 'self' {vad.scheme}://{vad.netloc}"
        )

    def home(self) -> str:
        """The start: choose sources and log in."""
        return render_template("pgo/home.html", visit=self._visit(), nothing_chosen=request.args.get("keuze") == "leeg")

    def log_in(self) -> BaseResponse:
        """Leave for VAD with the chosen sources."""
        ticked = request.form.getlist("source")
        asked = tuple(source for source in self._config.sources if source.resource in ticked)
        if not asked:
            return redirect(url_for("home", keuze="leeg"), 303)
        try:
            address, attempt = begin(self._party, asked, g.language)
        except OidcError as error:
            return redirect(url_for("error", code=error.code), 303)
        return self._start_session(Visit(asked, attempt), address)

    def callback(self) -> BaseResponse:
        """Come back from VAD. The session gets a new name here, so that nobody can have planted it."""
        visit = self._visits.pop(request.cookies.get(self._cookie, ""))
        if visit is None:
            return redirect(url_for("error", code="state"), 303)
        try:
            visit.finish(self._party, request.args.to_dict())
        except OidcError as error:
            return self._start_session(visit, url_for("error", code=error.code))
        return self._start_session(visit, visit.then or url_for("data"))

    def data(self) -> str | BaseResponse:
        """The data of all sources side by side; `opnieuw`: with tokens that VAD gives now."""
        visit = self._visit()
        if visit is None or visit.claims is None:
            return redirect(url_for("home"), 303)
        results = visit.results(self._party, self._config.sources, anew="opnieuw" in request.args)
        shown = [(result, groups(result.bundle, g.language), patient_name(result.bundle)) for result in results]
        level = str(visit.claims.get("acr")).rpartition("/")[2]
        return render_template(
            "pgo/data.html",
            shown=shown,
            acting=visit.acting,
            level=level if level in ("low", "substantial", "high") else "unknown",
            time=_clock_time(visit.claims.get("auth_time")),
            clock_time=_clock_time,
        )

    def letters(self, number: int) -> str | BaseResponse:
        """The letters of one source."""
        visit, source = self._visit(), self._source(number)
        if visit is None or visit.claims is None:
            return redirect(url_for("home"), 303)
        if not source.letters_url:
            abort(404)
        result = visit.letters(self._party, source)
        found = groups(result.bundle, g.language)
        return render_template("pgo/letters.html", result=result, found=found, acting=visit.acting, number=number)

    def again(self, page: str, number: int) -> BaseResponse:
        """Leave for VAD, for the login that a source demands."""
        visit, source = self._visit(), self._source(number)
        if visit is None or visit.claims is None:
            return redirect(url_for("home"), 303)
        of_letters = page == "brieven"
        then = url_for("letters", number=number) if of_letters else url_for("data")
        try:
            address = visit.again(self._party, source.letters_url if of_letters else source.url, g.language, then)
        except OidcError as error:
            return redirect(url_for("error", code=error.code), 303)
        return redirect(address or then, 303)

    def log_out(self) -> BaseResponse:
        """End this app's own session, and go to VAD to end that one too."""
        visit = self._visits.pop(request.cookies.get(self._cookie, ""))
        at_vad = self._logout.address(visit.id_token, g.language) if visit and visit.id_token else None
        answer = redirect(at_vad or url_for("logged_out"), 303)
        answer.delete_cookie(self._cookie, secure=self._secure, httponly=True, samesite="Lax")
        return answer

    def logged_out(self) -> str:
        """Say that it is done."""
        everywhere = self._logout.came_back(request.args.get("state", ""))
        return render_template("pgo/logged_out.html", everywhere=everywhere)

    def session_ended(self) -> tuple[Response, int]:
        """VAD tells that somebody logged out: their visits here are over too (OIDC Back-Channel Logout 2.5 to 2.8)."""
        try:
            sid = self._logout.ended_session(request.form.get("logout_token", ""))
        except LogoutTokenError:
            return jsonify(error="invalid_request"), 400
        except IssuerUnavailableError:
            return jsonify(error="temporarily_unavailable"), 503
        self._visits.forget(lambda visit: visit.claims is not None and visit.claims.get("sid") == sid)
        return jsonify(), 200

    def error(self) -> str:
        """Say what went wrong, in words of our own: an `error_description` is never shown."""
        code = request.args.get("code", "")
        return render_template("pgo/error.html", key=error_key(code))

    def not_found(self, _: Exception) -> tuple[str, int]:
        """No such page."""
        return render_template("pgo/not_found.html"), 404

    def received(self) -> Response:
        """All that VAD ever sent in this session, for tests that prove what an app does not get."""
        visit = self._visit()
        return jsonify(received=visit.received() if visit else [], id_token_claims=visit.claims if visit else None)

    def headers(self, response: Response) -> Response:
        """Security headers on every answer."""
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    def _source(self, number: int) -> Source:
        """A source by its place on the page of data."""
        if not 1 <= number <= len(self._config.sources):
            abort(404)
        return self._config.sources[number - 1]

    def _visit(self) -> Visit | None:
        return self._visits.get(request.cookies.get(self._cookie, ""))

    def _start_session(self, visit: Visit, address: str) -> BaseResponse:
        name = secrets.token_urlsafe(32)
        self._visits.pop(request.cookies.get(self._cookie, ""))
        if not self._visits.add(name, visit, seconds=SESSION):
            return redirect(url_for("error", code="temporarily_unavailable"), 303)
        answer = redirect(address, 303)
        answer.set_cookie(self._cookie, name, secure=self._secure, httponly=True, samesite="Lax")
        return answer


def _choose_language() -> BaseResponse | None:
    """Dutch, unless the visitor chose English; a choice is kept and taken out of the address again."""
    chosen = request.args.get("taal")
    if request.method == "GET" and chosen in _LANGUAGES:
        page = request.endpoint if request.endpoint in _PAGES else "home"
        code = request.args.get("code") if page == "error" else None
        answer = redirect(url_for(page, **(request.view_args or {}), code=code), 303)
        answer.set_cookie(LANGUAGE_COOKIE, chosen, httponly=True, samesite="Lax")
        return answer
    g.language = _LANGUAGES.get(request.cookies.get(LANGUAGE_COOKIE, ""), "nl")
    return None


def _refuse_other_sites() -> None:
    """A form comes from our own pages: browsers say so in Sec-Fetch-Site, or else in Origin."""
    if request.method == "POST":
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if site not in (None, "same-origin") or origin not in (None, request.host_url.rstrip("/")):
            abort(403)


def _clock_time(seconds: Any) -> str:
    if type(seconds) not in (int, float):
        return ""
    return datetime.fromtimestamp(seconds, UTC).astimezone(AMSTERDAM).strftime("%H.%M")
