"""The end session endpoint (OIDC RP-Initiated Logout 1.0): an app asks that a person be logged out."""

import json
from dataclasses import asdict, fields
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit, urlunsplit

import structlog
from flask import Blueprint, Response, g, request, url_for
from werkzeug.datastructures import MultiDict

from vad.domain.errors import ProtocolError
from vad.domain.identifiers import ClientId
from vad.domain.logout import HintState, LogoutRequest, LogoutStep, NextLogoutStep
from vad.services.logout import Asked, UnknownAddressError
from vad.services.ports.volatile import RateLimit
from vad.web.oidc import parameters
from vad.web.support import rate_limits
from vad.web.support.cookies import SESSION, browser, drop_cookie, forget_everything
from vad.web.support.error_words import ErrorWords, words_for
from vad.web.support.errors import PageError, page_expired
from vad.web.support.i18n import msgid
from vad.web.support.pages import render
from vad.web.support.redirects import origin, see_other
from vad.web.support.services import now, services

blueprint = Blueprint("end_session", __name__)

_PURPOSE = "logout\n"
"""No cookie can hold a line end: what is proved under it is never taken for the proof of a form, or the reverse."""


@blueprint.route("/logout", methods=["GET", "POST"])
def end_session() -> Response:
    """Take a logout request. What is wrong with it is told on a page: never by a redirect (section 4)."""
    rate_limits.per_address(RateLimit.AUTHORIZE)
    asked = _read(request.form if request.method == "POST" else request.args)
    if request.method == "POST" and browser().session_cookie is None:
        # Another site's form brings no cookies (SameSite=Lax), but the GET that it is sent on with does.
        return _once_more(asked)
    return _go_on(asked)


@blueprint.get("/logout/resume")
def resume() -> Response:
    """Go on with a request that came as another site's form. It was checked then; the proof says so."""
    told, proof = request.args.get("asked", ""), request.args.get("proof")
    if not services().csrf.valid(_PURPOSE + told, proof):
        raise page_expired()
    known = json.loads(told)
    known["client_id"] = ClientId(known["client_id"]) if known["client_id"] else None
    return _go_on(LogoutRequest(**known | {"hint": HintState(known["hint"])}))


@blueprint.post("/logout/answer")
def answer() -> Response:
    """Do what the person said on our page."""
    cookie = browser().session_cookie
    if not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    if request.form.get("action") != "log_out":
        return see_other(url_for("activity.activity"))
    form = {name: request.form.get(name, "") for name in ("client_id", "redirect_uri", "state")}
    try:
        asked = services().logout.confirmed(**form)
    except ProtocolError:
        asked = LogoutRequest(None)
    found = services().logout.end(asked, cookie, now())
    return _logged_out(asked, may_redirect=True, found=found)


def _read(sent: MultiDict[str, str]) -> LogoutRequest:
    try:
        parameters.check(sent)
        asked = services().logout.read(Asked(**{each.name: sent.get(each.name, "") for each in fields(Asked)}))
    except UnknownAddressError as error:
        raise _cannot_send_back(error.client.name if error.client else None) from error
    except ProtocolError as error:
        raise PageError(HTTPStatus.BAD_REQUEST, words_for(HTTPStatus.BAD_REQUEST)) from error
    if asked.hint is HintState.UNKNOWN:
        structlog.get_logger(__name__).info("logout_hint_refused", client_id=asked.client_id)
    return asked


def _go_on(asked: LogoutRequest) -> Response:
    g.ui_locales = asked.ui_locales
    cookie = browser().session_cookie
    step = services().logout.step(asked, services().sessions.known(cookie))
    if step.next is NextLogoutStep.ASK and cookie is not None:
        return _ask(asked, step, cookie)
    # Who comes with a login of any kind expects that it ends now.
    found = cookie is None and asked.hint is not HintState.KNOWN
    if step.next is NextLogoutStep.END:
        found = services().logout.end(asked, cookie, now())
    return _logged_out(asked, may_redirect=step.may_redirect, found=found)


def _ask(asked: LogoutRequest, step: LogoutStep, cookie: str) -> Response:
    client = services().logout.client(asked)
    if step.may_redirect and asked.redirect_uri:
        g.form_action_origins = [origin(asked.redirect_uri)]
    return render(
        "logout.html",
        app_name=client.name if client else None,
        asked=asked,
        may_redirect=step.may_redirect,
        csrf_token=services().csrf.token(cookie),
    )


def _once_more(asked: LogoutRequest) -> Response:
    told = json.dumps(asdict(asked), separators=(",", ":"))
    return see_other(url_for("end_session.resume", asked=told, proof=services().csrf.token(_PURPOSE + told)))


def _logged_out(asked: LogoutRequest, *, may_redirect: bool, found: bool) -> Response:
    """On to the app, or to our own page. Either way the browser forgets what this site stored (rule 36)."""
    leads_on = may_redirect and asked.redirect_uri
    stays = url_for("logout.logged_out", gevonden=None if found else "nee")
    response = see_other(_with_state(asked) if leads_on else stays)
    forget_everything(response)
    if browser().session_cookie is not None:
        drop_cookie(response, SESSION)
    return response


def _with_state(asked: LogoutRequest) -> str:
    parts = urlsplit(asked.redirect_uri)
    added = urlencode({"state": asked.state}) if asked.state else ""
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, added) if part)))


def _cannot_send_back(app_name: str | None) -> PageError:
    words = ErrorWords(
        "invalid_request",
        msgid("This app is not set up correctly"),
        msgid("That is why we cannot send you back to it. You did nothing wrong."),
        msgid("Close your browser to log out of everything. Contact %(app)s.")
        if app_name
        else msgid("Close your browser to log out of everything."),
        {"app": app_name.rstrip(".")} if app_name else {},
    )
    return PageError(HTTPStatus.BAD_REQUEST, words)
