"""Saying that what stands in one's activity is not right, and reading what became of it."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.case import LONGEST_TEXT, Reach
from vad.services.activity_entries import ActivityEntry
from vad.services.cases import CaseFault, CaseRefusedError
from vad.web.support import own_pages
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("cases", __name__)

_STATUS: Final = {CaseFault.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS}


@blueprint.get("/mijn/meldingen")
def cases() -> Response:
    """Show what this person reported, and the answers."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.CASES)
    own = services().cases.of(here.session)
    new = request.args.get("nieuw")
    received = next((each.case.reference for each in own if each.case.reference == new), None)
    return page("cases.html", here, own_pages.CASES, cases=own, received=received)


@blueprint.get("/mijn/melding")
@blueprint.get("/mijn/melding/<uuid:event_id>")
def form(event_id: UUID | None = None) -> Response:
    """Ask what is not right, about one event or something else."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.ACTIVITY)
    return _form(here, _event(here, event_id))


@blueprint.post("/mijn/melding")
@blueprint.post("/mijn/melding/<uuid:event_id>")
def report(event_id: UUID | None = None) -> Response:
    """Open a case; the next page gives its reference."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.ACTIVITY)
    event = _event(here, event_id)
    written, chosen = request.form.get("text", ""), request.form.get("reach", "")
    reach = next((each for each in Reach if each.value == chosen), None)
    try:
        case = services().cases.open(here.session, event, written, reach, now())
    except CaseRefusedError as error:
        return _form(here, event, problem=error.fault, written=written, chosen=chosen)
    return see_other(url_for("cases.cases", nieuw=case.reference))


def _event(here: Visit, event_id: UUID | None) -> ActivityEntry | None:
    if event_id is None:
        return None
    event = services().cases.event(here.session, event_id, now())
    # As for a page that there is not: nobody learns whether somebody else has such an event.
    return event if event is not None else abort(HTTPStatus.NOT_FOUND)


def _form(
    here: Visit,
    event: ActivityEntry | None,
    *,
    problem: CaseFault | None = None,
    written: str = "",
    chosen: str = "",
) -> Response:
    return page(
        "case_open.html",
        here,
        own_pages.ACTIVITY,
        status=HTTPStatus.OK if problem is None else _STATUS.get(problem, HTTPStatus.BAD_REQUEST),
        event=event,
        ways=[way.value for way in services().cases.ways(here.session)],
        problem=problem.value if problem else None,
        written=written[: 2 * LONGEST_TEXT],
        chosen=chosen,
        longest=LONGEST_TEXT,
    )
