"""My sessions: where the person is logged in, and stopping it."""

from flask import Blueprint, Response, request, url_for

from vad.domain.identifiers import Sid
from vad.web.support import own_pages
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/mijn/sessies")
def sessions() -> Response:
    """Show them; somebody who is not logged in logs in first."""
    at, cookie = now(), browser().session_cookie
    session = services().sessions.current(cookie, at)
    if session is None or cookie is None:
        return own_pages.log_in_first(own_pages.SESSIONS)
    own = services().own_sessions
    return render(
        "sessions.html",
        this=own.this(session),
        others=own.others(session, at),
        stopped=request.args.get("gestopt") == "ja",
        name=services().sessions.name(session, at),
        young=services().assents.concerns(session, at),
        timeout=timeout(session, at, page=own_pages.SESSIONS),
        csrf_token=services().csrf.token(cookie),
    )


@blueprint.post("/mijn/sessies")
def stop() -> Response:
    """Stop another session of this person, or all others. This one ends by logging out."""
    at, cookie = now(), browser().session_cookie
    if not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    session = services().sessions.current(cookie, at)
    if session is None:
        return own_pages.log_in_first(own_pages.SESSIONS)
    own = services().own_sessions
    if request.form.get("action") == "others":
        stopped = own.stop_others(session, at)
    else:
        stopped = own.stop(session, Sid(request.form.get("sid", "")), at)
    return see_other(url_for("sessions.sessions", gestopt="ja" if stopped else None))
