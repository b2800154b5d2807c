"""Logging out of VAD itself (P17)."""

from flask import Blueprint, Response, request, url_for

from vad.web.support.cookies import SESSION, browser, drop_cookie, forget_everything
from vad.web.support.errors import page_expired
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("logout", __name__)


@blueprint.post("/uitloggen")
def log_out() -> Response:
    """End the session. Without one there is nothing to protect, and the page says the same."""
    cookie = browser().session_cookie
    response = see_other(url_for("logout.logged_out"))
    if cookie is None:
        # Perhaps another site's form, which brings no cookies (SameSite=Lax): the browser must not drop one for it.
        return response
    if not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    services().sessions.log_out(cookie, now())
    drop_cookie(response, SESSION)
    return response


@blueprint.get("/uitgelogd")
def logged_out() -> Response:
    """Say so, and have the browser forget what it stored (rule 36)."""
    response = render("logged_out.html", logged_in=False)
    forget_everything(response)
    return response
