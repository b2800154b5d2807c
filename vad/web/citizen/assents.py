"""What a young person of 12 to 15 lets each parent see (rules 7 and 19)."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from vad.services.assents import Family, Parent, strong_enough
from vad.web.support import own_pages
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("assents", __name__)


@blueprint.get("/mijn/ouders")
def parents() -> Response:
    """Show who may see what; somebody who is not logged in strongly enough logs in first."""
    here = _strong(visit())
    if here is None:
        return own_pages.log_in_first(own_pages.PARENTS)
    family = services().assents.of(here.session, now())
    return _page("assents.html", here, family, changed=request.args.get("veranderd"))


@blueprint.post("/mijn/ouders")
def stop() -> Response:
    """Stop what one parent may see, at once."""
    here = _strong(posted())
    if here is None:
        return own_pages.log_in_first(own_pages.PARENTS)
    stopped = services().assents.stop(
        here.session, request.form.get("parent", ""), request.form.get("data_service", ""), now()
    )
    return see_other(url_for("assents.parents", veranderd="gestopt" if stopped else None))


@blueprint.get("/mijn/ouders/toestaan")
def choose() -> Response:
    """Ask what this parent may see."""
    here = _strong(visit())
    if here is None:
        return own_pages.log_in_first(own_pages.PARENTS)
    family = services().assents.of(here.session, now())
    parent = _possible(family, request.args.get("ouder", ""))
    if parent is None:
        return see_other(url_for("assents.parents"))
    return _page("assents_choose.html", here, family, parent=parent, missing=False)


@blueprint.post("/mijn/ouders/toestaan")
def allow() -> Response:
    """Show what was chosen, and record it once that was seen."""
    here = _strong(posted())
    if here is None:
        return own_pages.log_in_first(own_pages.PARENTS)
    handle, chosen = request.form.get("parent", ""), frozenset(request.form.getlist("data_service"))
    if request.form.get("action") == "confirm":
        given = services().assents.give(here.session, handle, chosen, now())
        return see_other(url_for("assents.parents", veranderd="toegestaan" if given else None))
    family = services().assents.of(here.session, now())
    parent = _possible(family, handle)
    if parent is None:
        return see_other(url_for("assents.parents"))
    shown = tuple(service for service in parent.possible if service.id in chosen)
    if not shown:
        return _page("assents_choose.html", here, family, status=400, parent=parent, missing=True)
    return _page("assents_check.html", here, family, parent=parent, chosen=shown)


def _possible(family: Family, handle: str) -> Parent | None:
    """The parent of this handle, if there is something to allow."""
    parent = services().assents.parent(family, handle)
    return parent if parent is not None and parent.possible else None


def _strong(here: Visit | None) -> Visit | None:
    """The visit, if a child can agree in its login."""
    return here if here is not None and strong_enough(here.session) else None


def _page(template: str, here: Visit, family: Family, *, status: int = 200, **context: Any) -> Response:
    return page(template, here, own_pages.PARENTS, status=status, family=family, **context)
