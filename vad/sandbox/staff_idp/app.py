"""The mock identity provider of staff as a program. It refuses what a real OpenID provider refuses."""

import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from vad.sandbox import faults
from vad.sandbox.memory import ShortLived
from vad.sandbox.openid.codes import Client, Codes, TokenError
from vad.sandbox.openid.requests import Faults, RefusedRequestError, UntrustedRequestError, answer, checked, origin
from vad.sandbox.staff_idp.config import Config
from vad.sandbox.staff_idp.texts import TEXTS, language_of
from vad.sandbox.staff_idp.tokens import (
    ID_TOKEN_SECONDS,
    NONSENSE,
    ONE_FACTOR,
    PROGRAM_TOKEN_SECONDS,
    Login,
    id_token,
    program_token,
)

__all__ = ["Config", "create_app"]

_HERE = Path(__file__).resolve().parent.parent
_LARGEST_BODY = 64 * 1024
_COOKIE = "staff_idp_browser"
_COOKIE_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
_LOGIN_SECONDS = 15 * 60
_CLAIMS = {"claims_supported": ["sub", "acr", "auth_time", "nonce", "roles"]}
_OUTCOMES = ("ok", "one_factor", "cancel", "failure")


@dataclass(frozen=True)
class _Transaction:
    """A login page that is open: for which request, and in which browser."""

    asked: Mapping[str, str]
    browser: str


def create_app(config: Config, now: Callable[[], float] = time.time) -> Flask:
    """Build the program. `now` is its clock, in seconds since 1970."""
    app = Flask(
        "vad.sandbox.staff_idp",
        root_path=str(_HERE),
        template_folder="templates/staff_idp",
        static_folder="static/digid",
        static_url_path="/static",
    )
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_BODY, MAX_FORM_MEMORY_SIZE=_LARGEST_BODY)
    faulty = faults.install(app, NONSENSE)
    codes: Codes[Login] = Codes(config.issuer, Client(config.client_id, config.jwks_uri), now)
    pages = _Pages(config, now, codes)
    policy = config.content_security_policy()

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    @app.post("/token")
    def token() -> Response:
        if request.args or request.mimetype != "application/x-www-form-urlencoded":
            raise TokenError("invalid_request", "send a form in the body, and nothing in the address")
        login = codes.redeem(request.form)
        return jsonify(
            access_token=secrets.token_urlsafe(32),
            token_type="Bearer",  # noqa: S106 - the kind of token
            expires_in=ID_TOKEN_SECONDS,
            id_token=id_token(config, login, int(now()), faulty.mode_for("/token")),
        )

    @app.post("/program-token")
    def token_of_a_program() -> Response:
        """Give whoever asks a token for somebody's program: how a real provider does that is its own affair."""
        person, resource = pages.staff.get(request.form.get("person", "")), request.form.get("resource", "")
        if request.args or person is None or not resource:
            raise TokenError("invalid_request", "send a form with person, an account, and resource, an address")
        token = program_token(config, person, resource, int(now()))
        return jsonify(access_token=token, token_type="Bearer", expires_in=PROGRAM_TOKEN_SECONDS)  # noqa: S106

    @app.errorhandler(TokenError)
    def token_error(error: TokenError) -> tuple[Response, int]:
        return jsonify(error=error.error, error_description=error.description), error.status

    def healthz() -> Response:
        return jsonify(status="ok")

    def openid_configuration() -> Response:
        return jsonify(config.discovery(config.acr) | _CLAIMS)

    def jwks() -> Response:
        return jsonify(keys=[config.public_key()])

    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/.well-known/openid-configuration", view_func=openid_configuration)
    app.add_url_rule("/jwks", view_func=jwks)
    app.add_url_rule("/authorize", view_func=pages.begin)
    app.add_url_rule("/login", "login_page", pages.show)
    app.add_url_rule("/login", "log_in", pages.submit, methods=["POST"])
    return app


class _Pages:
    """The login page, its form, and the way back. Called within a request."""

    def __init__(self, config: Config, now: Callable[[], float], codes: Codes[Login]) -> None:
        self._config = config
        self._now = now
        self._codes = codes
        self.staff = {person.subject: person for person in config.staff}
        self._transactions: ShortLived[_Transaction] = ShortLived(now)

    def begin(self) -> BaseResponse:
        """Check an authorization request and open a login page for it, bound to this browser."""
        language = language_of(request.args.get("ui_locales", ""))
        try:
            asked = checked(request.args, self._config.client_id, self._config.redirect_uris, self._faults)
        except UntrustedRequestError:
            return self._message("untrusted", language)
        except RefusedRequestError as refused:
            answered = {"error": refused.error, "error_description": refused.description, "state": refused.state}
            return redirect(answer(refused.redirect_uri, self._config.issuer, **answered), 303)
        browser = request.cookies.get(_COOKIE, "")
        if not _COOKIE_VALUE.fullmatch(browser):
            browser = secrets.token_urlsafe(32)
        identifier = secrets.token_urlsafe(32)
        self._transactions.add(identifier, _Transaction(asked, browser), seconds=_LOGIN_SECONDS)
        response = redirect("/login?" + urlencode({"transaction": identifier, "language": language}), 303)
        secure = self._config.issuer.startswith("https:")
        response.set_cookie(_COOKIE, browser, path="/", httponly=True, samesite="Lax", secure=secure)
        return response

    def show(self) -> Response:
        """Show the login page of a transaction that belongs to this browser."""
        identifier, language = request.args.get("transaction", ""), language_of(request.args.get("language", ""))
        return self._page(identifier, language) if self._own(identifier) else self._message("expired", language)

    def submit(self) -> BaseResponse:
        """Take the form: back to the client with a code or an error, or the page again."""
        identifier, language = request.form.get("transaction", ""), language_of(request.form.get("language", ""))
        ours = origin(self._config.issuer)
        if self._own(identifier) is None or request.headers.get("Origin", ours) != ours:
            return self._message("expired", language)
        outcome = "cancel" if request.form.get("action") == "cancel" else request.form.get("outcome", "")
        person = self.staff.get(request.form.get("person", ""))
        if outcome not in _OUTCOMES or (person is None and outcome in ("ok", "one_factor")):
            return self._page(identifier, language, wrong=True)
        transaction = self._transactions.pop(identifier)
        if transaction is None:
            return self._message("expired", language)
        if person is None or outcome in ("cancel", "failure"):
            error = "access_denied" if outcome == "cancel" else "server_error"
            return self._back(transaction.asked, error=error)
        asked = transaction.asked
        login = Login(
            subject=person.subject,
            roles=person.roles,
            acr=self._config.acr if outcome == "ok" else ONE_FACTOR,
            auth_time=int(self._now()),
            nonce=asked["nonce"],
            redirect_uri=asked["redirect_uri"],
            code_challenge=asked["code_challenge"],
        )
        return self._back(asked, code=self._codes.issue(login))

    def _faults(self, _parameters: MultiDict[str, str], given: Mapping[str, str]) -> Faults:
        wanted = given.get("acr_values", self._config.acr)
        yield wanted != self._config.acr, "invalid_request", "acr_values must be the one that is known here"

    def _own(self, identifier: str) -> _Transaction | None:
        """Return the transaction, provided that it began in this very browser (login CSRF)."""
        transaction = self._transactions.get(identifier)
        browser = request.cookies.get(_COOKIE, "").encode()
        mine = transaction is not None and hmac.compare_digest(browser, transaction.browser.encode())
        return transaction if mine else None

    def _page(self, identifier: str, language: str, *, wrong: bool = False) -> Response:
        page = render_template(
            "login.html",
            t=TEXTS[language],
            language=language,
            transaction=identifier,
            staff=self._config.staff,
            outcomes=_OUTCOMES,
            wrong=wrong,
        )
        return make_response(page, 400 if wrong else 200)

    def _back(self, asked: Mapping[str, str], **parameters: str | None) -> BaseResponse:
        return redirect(answer(asked["redirect_uri"], self._config.issuer, state=asked["state"], **parameters), 303)

    def _message(self, key: str, language: str) -> Response:
        page = render_template("message.html", t=TEXTS[language], language=language, text=TEXTS[language][key])
        return make_response(page, 400)
