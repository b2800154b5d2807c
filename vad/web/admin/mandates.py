"""Mandates by how they stand (A2), and one of them with its life and its uses (A3)."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.age import AMSTERDAM
from vad.domain.identifiers import MandateId
from vad.domain.mandate import MandateState, Route
from vad.domain.staff import StaffAction
from vad.services.log_inquiry import USES
from vad.services.mandate_inquiry import PAGE, people
from vad.services.ports.log_search import LogPosition, MandateFilter
from vad.web.admin import numbers, positions
from vad.web.admin.log import lines
from vad.web.admin.support import Visit, page, services, staff_page, viewed
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("staff_mandates", __name__)


@blueprint.get("/machtigingen")
@staff_page(StaffAction.MANDATES_SEARCH)
def mandates(here: Visit) -> Response:
    """The latest changes first; by state and by how it came about, as the address says."""
    return _listed(here)


def _listed(here: Visit, *, unknown: bool = False) -> Response:
    typed = {name: request.args.get(name, "") for name in ("state", "route")}
    state = next((each for each in MandateState if each.value == typed["state"]), None)
    route = next((each for each in Route if each.value == typed["route"]), None)
    wanted = MandateFilter(states=(state,) if state else (), route=route)
    found = services().mandates.search(here.member, wanted, positions.read(request.args.get("after")))
    following = None
    if found.further:
        chosen: dict[str, Any] = {name: value for name, value in typed.items() if value}
        last = positions.written(*found.further)
        following = url_for("staff_mandates.mandates", **chosen, after=last)
    return page(
        "mandates.html", here, mandates=found.mandates, typed=typed, refer=services().references.of,
        following=following, first="after" not in request.args, filtered=any(typed.values()), unknown=unknown,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if unknown else HTTPStatus.OK,
    )  # fmt: skip


@blueprint.post("/machtigingen")
@staff_page(StaffAction.MANDATES_SEARCH)
def find(here: Visit) -> Response:
    """Lead to the mandate with this number: what was typed stands in no address before it is known to be one."""
    number = numbers.read(request.form.get("number", ""))
    found = None if number is None else services().mandates.mandate(here.member, MandateId(number))
    if found is None:
        return _listed(here, unknown=True)
    return see_other(url_for("staff_mandates.mandate", mandate=found.mandate_id))


@blueprint.get("/machtigingen/<uuid:mandate>")
@staff_page(StaffAction.MANDATES_VIEW, recorded=False)
def mandate(here: Visit, mandate: UUID) -> Response:
    """What stands in it, and everything that happened to it and on it."""
    inquiry = services().mandates
    found = inquiry.mandate(here.member, MandateId(mandate))
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    viewed(here, StaffAction.MANDATES_VIEW, concerning=people(found))
    place = positions.read(request.args.get("after"))
    events = inquiry.timeline(here.member, found, now(), LogPosition(*place) if place else None)
    following = None
    if len(events) == PAGE:
        following = url_for("staff_mandates.mandate", mandate=mandate, after=positions.written(*events[-1].position))
    return page(
        "mandate.html", here, mandate=found, lines=lines(here, events), refer=services().references.of,
        following=following, registrations=services().registrations, first="after" not in request.args,
        may_search=here.member.may(StaffAction.LOG_SEARCH), uses=USES,
        since=found.made_at.astimezone(AMSTERDAM).date().isoformat(),
    )  # fmt: skip
