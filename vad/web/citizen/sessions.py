"""My sessions: where the person is logged in, and stopping it."""

from flask import Blueprint, Response, request, url_for

from vad.domain.identifiers import Sid
from vad.web.support import own_pages
from vad.web.support.own_session import page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/mijn/sessies")
def sessions() -> Response:
    """Show them; somebody who is not logged in logs in first."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.SESSIONS)
    own = services().own_sessions
    return page(
        "sessions.html",
        here,
        own_pages.SESSIONS,
        this=own.this(here.session),
        others=own.others(here.session, now()),
        stopped=request.args.get("gestopt") == "ja",
    )


@blueprint.post("/mijn/sessies")
def stop() -> Response:
    """Stop another session of this person, or all others. This one ends by logging out."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.SESSIONS)
    own = services().own_sessions
    if request.form.get("action") == "others":
        stopped = own.stop_others(here.session, now())
    else:
        stopped = own.stop(here.session, Sid(request.form.get("sid", "")), now())
    return see_other(url_for("sessions.sessions", gestopt="ja" if stopped else None))
