"""What people reported: the list for the helpdesk, and one case to take, note and answer."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.case import CaseOutcome
from vad.domain.identifiers import CaseId
from vad.domain.staff import StaffAction
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("staff_cases", __name__)


@blueprint.get("/meldingen")
@staff_page(StaffAction.CASES_VIEW, recorded=False)
def cases(here: Visit) -> Response:
    """Show what waits, the oldest first."""
    waiting = services().cases.listed(here.member, now(), here.session.sid)
    own = [case for case in waiting if case.person_id == here.member.person]
    return page("cases.html", here, cases=[case for case in waiting if case not in own])


@blueprint.get("/meldingen/<uuid:case_id>")
@staff_page(StaffAction.CASES_VIEW, recorded=False)
def case(here: Visit, case_id: UUID) -> Response:
    """Show one."""
    return _page(here, CaseId(case_id))


@blueprint.post("/meldingen/<uuid:case_id>")
@staff_page(StaffAction.CASES_HANDLE)
def handle(here: Visit, case_id: UUID) -> Response:
    """Take it, write a note, or answer."""
    known, this, at, sid = services().cases, CaseId(case_id), now(), here.session.sid
    text, chosen = request.form.get("text", ""), request.form.get("outcome", "")
    outcome = next((each for each in CaseOutcome if each.value == chosen), None)
    match request.form.get("action"):
        case "take":
            done = known.take(here.member, this, at, sid)
        case "note":
            done = known.note(here.member, this, text, at, sid)
        case "close":
            done = outcome is not None and known.close(here.member, this, outcome, text, at, sid)
        case _:
            done = False
    if not done:
        return _page(here, this, problem=True, written=text, chosen=chosen)
    return see_other(url_for("staff_cases.case", case_id=case_id))


def _page(here: Visit, case_id: CaseId, *, problem: bool = False, written: str = "", chosen: str = "") -> Response:
    opened = services().cases.view(here.member, case_id, now(), here.session.sid)
    if opened is None:
        return abort(HTTPStatus.NOT_FOUND)
    return page(
        "case.html",
        here,
        status=HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK,
        case=opened.case,
        texts=opened.texts,
        mine=opened.case.taken_by == here.member.account,
        may_handle=here.member.may(StaffAction.CASES_HANDLE),
        problem=problem,
        written=written,
        chosen=chosen,
    )
