"""The mock DigiD's pages: the authorization request opens one, and its form leads back to the relying party."""

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from vad.sandbox.digid import login_form
from vad.sandbox.digid.authorize import AuthorizationRequest, parse
from vad.sandbox.digid.config import Config
from vad.sandbox.digid.levels import LEVELS, SUBSTANTIEEL, below
from vad.sandbox.digid.login_form import OUTCOMES, LoginForm
from vad.sandbox.digid.texts import TEXTS, language_of
from vad.sandbox.digid.token_endpoint import TokenEndpoint
from vad.sandbox.digid.tokens import Login
from vad.sandbox.memory import ShortLived
from vad.sandbox.openid.requests import RefusedRequestError, UntrustedRequestError, answer, origin

_COOKIE = "digid_browser"
_COOKIE_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
_LOGIN_SECONDS = 15 * 60
_AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True)
class _Transaction:
    """A login page that is open: for which request, in which browser, and in which language it began."""

    asked: AuthorizationRequest
    browser: str


class Pages:
    """The login page, its form, and the way back. Called within a request."""

    def __init__(self, config: Config, now: Callable[[], float], tokens: TokenEndpoint) -> None:
        self._config = config
        self._now = now
        self._tokens = tokens
        self._transactions: ShortLived[_Transaction] = ShortLived(now)
        self._known = frozenset(person.bsn for person in config.persons)

    def begin(self) -> BaseResponse:
        """Check an authorization request and open a login page for it, bound to this browser."""
        parameters = request.form if request.method == "POST" else request.args
        language = language_of(parameters.get("ui_locales", "").split(" ")[0].partition("-")[0])
        try:
            asked = parse(parameters, self._config)
        except UntrustedRequestError:
            return _message("untrusted", language, 400)
        except RefusedRequestError as refused:
            return self._back(
                refused.redirect_uri, error=refused.error, error_description=refused.description, state=refused.state
            )
        browser = request.cookies.get(_COOKIE, "")
        if not _COOKIE_VALUE.fullmatch(browser):
            browser = secrets.token_urlsafe(32)
        identifier = secrets.token_urlsafe(32)
        if not self._transactions.add(identifier, _Transaction(asked, browser), seconds=_LOGIN_SECONDS):
            return _message("busy", language, 503)
        response = redirect("/inloggen?" + urlencode({"transactie": identifier, "taal": language}), 303)
        secure = self._config.issuer.startswith("https:")
        response.set_cookie(_COOKIE, browser, path="/", httponly=True, samesite="Lax", secure=secure)
        return response

    def show(self) -> Response:
        """Show the login page of a transaction that belongs to this browser."""
        identifier, language = request.args.get("transactie", ""), language_of(request.args.get("taal"))
        transaction = self._own(identifier)
        if transaction is None:
            return _message("expired", language, 400)
        form = LoginForm(level=max(transaction.asked.minimum, SUBSTANTIEEL, key=lambda level: level.rank).value)
        return self._page(identifier, transaction.asked, form, language)

    def submit(self) -> BaseResponse:
        """Take the form: back to the client with a code or an error, or the page again with what is wrong."""
        identifier, language = request.form.get("transactie", ""), language_of(request.form.get("taal"))
        transaction = self._own(identifier)
        if transaction is None or request.headers.get("Origin", origin(self._config.issuer)) != origin(
            self._config.issuer
        ):
            return _message("expired", language, 400)
        asked = transaction.asked
        form = login_form.parse(request.form, self._known, asked.minimum)
        if form.errors:
            return self._page(identifier, asked, form, language)
        if self._transactions.pop(identifier) is None:
            return _message("expired", language, 400)
        if form.outcome == "cancel":
            return self._back(asked.redirect_uri, error="access_denied", state=asked.state)
        level = below(asked.minimum) if form.outcome == "too_low" else form.chosen_level
        code = None
        if form.outcome != "failure":
            login = Login(
                bsn=form.bsn,
                level=level,
                minimum=asked.minimum,
                auth_time=int(self._now()),
                nonce=asked.nonce,
                redirect_uri=asked.redirect_uri,
                code_challenge=asked.code_challenge,
            )
            code = self._tokens.issue_code(login)
        if code is None:
            return self._back(asked.redirect_uri, error="server_error", state=asked.state)
        return self._back(asked.redirect_uri, code=code, state=asked.state)

    def _own(self, identifier: str) -> _Transaction | None:
        """Return the transaction, provided that it began in this very browser (login CSRF)."""
        transaction = self._transactions.get(identifier)
        browser = request.cookies.get(_COOKIE, "").encode()
        mine = transaction is not None and hmac.compare_digest(browser, transaction.browser.encode())
        return transaction if mine else None

    def _page(self, identifier: str, asked: AuthorizationRequest, form: LoginForm, language: str) -> Response:
        today = datetime.fromtimestamp(self._now(), _AMSTERDAM).date()
        words = {"client": self._config.client_name, "level": asked.minimum.name}
        page = render_template(
            "login.html",
            t=TEXTS[language],
            language=language,
            words=words,
            transaction=identifier,
            form=replace(
                form, errors={name: TEXTS[language][key].format(**words) for name, key in form.errors.items()}
            ),
            persons=[(person, person.age_on(today)) for person in self._config.persons if person.story_nl],
            levels=LEVELS,
            outcomes=OUTCOMES,
        )
        return make_response(page, 400 if form.errors else 200)

    def _back(self, redirect_uri: str, **parameters: str | None) -> BaseResponse:
        return redirect(answer(redirect_uri, self._config.issuer, **parameters), 303)


def _message(key: str, language: str, status: int) -> Response:
    texts = TEXTS[language]
    page = render_template("message.html", t=texts, language=language, title=texts[f"{key}_title"], text=texts[key])
    return make_response(page, status)
