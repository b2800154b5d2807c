"""The end of a login by time (P16): staying logged in, and leaving a page whose time is over."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, request, url_for

from vad.web.support import own_pages, renewable_login
from vad.web.support.cookies import browser
from vad.web.support.csrf import sent_by
from vad.web.support.redirects import origin, page_stays, see_other
from vad.web.support.services import now, services

blueprint = Blueprint("expiry", __name__)


@blueprint.post("/auth/session/renew")
def renew() -> Response:
    """Stay logged in: 204 when the session goes on, 410 when there is none any more or its two hours are over.

    No body, so no form token: who sends it is told by the browser itself. An app that may renew a login of its own
    calls here too, and renews that alone.
    """
    from_here = sent_by(request.headers, origin(services().issuer))
    if services().renewable_logins.allowed and not (from_here and browser().session_cookie):
        return renewable_login.renewed(now())
    if not from_here:
        abort(HTTPStatus.FORBIDDEN)
    if services().sessions.current(browser().session_cookie, now()) is not None:
        return page_stays()
    return renewable_login.gone()


@blueprint.get("/verlopen")
def expired() -> Response:
    """Where a page goes by itself once its time is over. While the login lives after all the page stays (204)."""
    if services().sessions.peek(browser().session_cookie, now()) is not None:
        return page_stays()
    flow = request.args.get("flow")
    if flow:
        return see_other(url_for("login.login", flow=flow, verlopen="ja"))
    return own_pages.log_in_first(own_pages.known(request.args.get("pagina")))
