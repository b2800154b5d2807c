"""The end session endpoint (OIDC RP-Initiated Logout 1.0): an app asks that a person be logged out."""

from dataclasses import fields
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, g, request, url_for
from werkzeug.datastructures import MultiDict

from vad.domain.errors import ProtocolError
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
from vad.web.support.redirects import origin, see_other, with_query
from vad.web.support.services import now, services

blueprint = Blueprint("end_session", __name__)


@blueprint.route("/logout", methods=["GET", "POST"])
def end_session() -> Response:
    """Take a logout request. What is wrong with it is told on a page: never by a redirect (section 4)."""
    rate_limits.per_address(RateLimit.AUTHORIZE)
    asked = _read(request.form if request.method == "POST" else request.args)
    if request.method == "POST" and browser().session_cookie is None:
        # Another site's form brings no cookies (SameSite=Lax), but the GET that it is sent on with does.
        return see_other(url_for("end_session.resume", asked=services().logout.wait(asked)))
    return _go_on(asked)


@blueprint.get("/logout/resume")
def resume() -> Response:
    """Go on with a request that came as another site's form, once. It was checked then."""
    return _go_on(services().logout.waiting(request.args.get("asked", "")))


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
        asked = services().logout.confirmed(**form, at=now())
    except ProtocolError:
        asked = LogoutRequest(None)
    found = services().logout.end(asked, cookie, now())
    return _logged_out(asked, may_redirect=True, found=found)


def _read(sent: MultiDict[str, str]) -> LogoutRequest:
    try:
        parameters.check(sent)
        asked = services().logout.read(Asked(**{each.name: sent.get(each.name, "") for each in fields(Asked)}), now())
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
    # Who comes with a login of any kind expects that it ends now; one that is over by time has nothing left to end.
    found = asked.hint_over or (cookie is None and asked.hint is not HintState.KNOWN)
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


def _logged_out(asked: LogoutRequest, *, may_redirect: bool, found: bool) -> Response:
    """On to the app, or to a page of our own. Either way the browser forgets what this site stored (rule 36).

    Where apps may go on for a while the person must hear of it, and then goes back to the app by themselves.
    """
    leads_on = may_redirect and asked.redirect_uri
    address = with_query(asked.redirect_uri, [("state", asked.state)] if asked.state else [])
    if leads_on and not found:
        client = services().logout.client(asked)
        name = client.name if client else ""
        response = render("logged_out.html", logged_in=False, found=False, app_name=name, back=address)
    else:
        response = see_other(address if leads_on else url_for("logout.logged_out", gevonden=None if found else "nee"))
    forget_everything(response)
    if browser().session_cookie is not None:
        drop_cookie(response, SESSION)
    return response


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
