"""Logging out of VAD itself (P17)."""

from flask import Blueprint, Response, request, url_for

from vad.web.support.cookies import SESSION, browser, drop_cookie, forget_everything
from vad.web.support.errors import page_expired
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("logout", __name__)


def page(*, found: bool = True) -> str:
    """The address of the page that says so; `found`: whether there was a session, or none that should have been."""
    return url_for("logout.logged_out", gevonden=None if found else "nee")


@blueprint.post("/uitloggen")
def log_out() -> Response:
    """End the session. Without one there is nothing to protect."""
    cookie = browser().session_cookie
    if cookie is None:
        # Perhaps another site's form, which brings no cookies (SameSite=Lax): the browser must not drop one for it.
        return see_other(page())
    if not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    response = see_other(page(found=services().sessions.log_out(cookie, now())))
    drop_cookie(response, SESSION)
    return response


@blueprint.get("/uitgelogd")
def logged_out() -> Response:
    """Say so, and have the browser forget what it stored (rule 36)."""
    response = render("logged_out.html", logged_in=False, found=request.args.get("gevonden") != "nee", back=None)
    forget_everything(response)
    return response
