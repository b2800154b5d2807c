"""What a young person of 12 to 15 lets each parent see (rules 7 and 19)."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from vad.domain.session import Session
from vad.services.assents import Concern, Family, Parent, strong_enough
from vad.web.support import own_pages
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout

blueprint = Blueprint("assents", __name__)


@blueprint.get("/mijn/ouders")
def parents() -> Response:
    """Show who may see what; somebody who is not logged in strongly enough logs in first."""
    session = _session()
    if session is None:
        return own_pages.log_in_first(own_pages.PARENTS)
    family = services().assents.of(session, now())
    return _page("assents.html", session, family, changed=request.args.get("veranderd"))


@blueprint.post("/mijn/ouders")
def stop() -> Response:
    """Stop what one parent may see, at once."""
    session = _posted()
    if session is None:
        return own_pages.log_in_first(own_pages.PARENTS)
    stopped = services().assents.stop(
        session, request.form.get("parent", ""), request.form.get("data_service", ""), now()
    )
    return see_other(url_for("assents.parents", veranderd="gestopt" if stopped else None))


@blueprint.get("/mijn/ouders/toestaan")
def choose() -> Response:
    """Ask what this parent may see."""
    session = _session()
    if session is None:
        return own_pages.log_in_first(own_pages.PARENTS)
    family = services().assents.of(session, now())
    parent = _possible(family, request.args.get("ouder", ""))
    if parent is None:
        return see_other(url_for("assents.parents"))
    return _page("assents_choose.html", session, family, parent=parent, missing=False)


@blueprint.post("/mijn/ouders/toestaan")
def allow() -> Response:
    """Show what was chosen, and record it once that was seen."""
    session = _posted()
    if session is None:
        return own_pages.log_in_first(own_pages.PARENTS)
    handle, chosen = request.form.get("parent", ""), frozenset(request.form.getlist("data_service"))
    if request.form.get("action") == "confirm":
        given = services().assents.give(session, handle, chosen, now())
        return see_other(url_for("assents.parents", veranderd="toegestaan" if given else None))
    family = services().assents.of(session, now())
    parent = _possible(family, handle)
    if parent is None:
        return see_other(url_for("assents.parents"))
    shown = tuple(service for service in parent.possible if service.id in chosen)
    if not shown:
        return _page("assents_choose.html", session, family, status=400, parent=parent, missing=True)
    return _page("assents_check.html", session, family, parent=parent, chosen=shown)


def _possible(family: Family, handle: str) -> Parent | None:
    """The parent of this handle, if there is something to allow."""
    parent = services().assents.parent(family, handle)
    return parent if parent is not None and parent.possible else None


def _session() -> Session | None:
    """The session, if a child can agree in it."""
    session = services().sessions.current(browser().session_cookie, now())
    return session if session is not None and strong_enough(session) else None


def _posted() -> Session | None:
    if not services().csrf.valid(browser().session_cookie, request.form.get("csrf_token")):
        raise page_expired()
    return _session()


def _page(template: str, session: Session, family: Family, *, status: int = 200, **context: Any) -> Response:
    at, cookie = now(), browser().session_cookie
    return render(
        template,
        status=status,
        family=family,
        young=family.concern in {Concern.OPEN, Concern.CLOSED},
        name=services().sessions.name(session, at),
        timeout=timeout(session, at, page=own_pages.PARENTS),
        csrf_token=services().csrf.token(cookie or ""),
        **context,
    )
