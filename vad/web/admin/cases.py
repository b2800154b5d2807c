"""What people reported: the list for the helpdesk, and one case to take, note and answer."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.case import LONGEST_TEXT, SHORTEST_TEXT, CaseOutcome, tidy
from vad.domain.identifiers import CaseId
from vad.domain.staff import StaffAction
from vad.web.admin.log import lines
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.admin.time_out import sent
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("staff_cases", __name__)


@blueprint.get("/meldingen")
@staff_page(StaffAction.CASES_VIEW, recorded=False)
def cases(here: Visit) -> Response:
    """Show what waits, the oldest first."""
    waiting = services().cases.listed(here.member, now(), here.session.sid)
    own = [case for case in waiting if case.person_id == here.member.person]
    return page("cases.html", here, told=True, cases=[case for case in waiting if case not in own])


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
    action, problem = request.form.get("action"), "gone"
    if action == "take":
        done = known.take(here.member, this, at, sid)
    elif action not in ("note", "close"):
        done = False
    elif tidy(text) is None:
        done, problem = False, "text"
    elif action == "note":
        done = known.note(here.member, this, text, at, sid)
    elif outcome is None:
        done, problem = False, "outcome"
    else:
        done = known.close(here.member, this, outcome, text, at, sid)
    if not done:
        return _page(here, this, problem=problem, written=text, chosen=chosen)
    return see_other(url_for("staff_cases.case", case_id=case_id))


def _page(here: Visit, case_id: CaseId, *, problem: str | None = None, written: str = "", chosen: str = "") -> Response:
    opened = services().cases.view(here.member, case_id, now(), here.session.sid)
    if opened is None:
        return abort(HTTPStatus.NOT_FOUND)
    case, may = opened.case, here.member.may
    return page(
        "case.html",
        here,
        told=True,
        status=HTTPStatus.BAD_REQUEST if problem else HTTPStatus.OK,
        case=case,
        texts=opened.texts,
        mine=case.taken_by == here.member.account,
        may_handle=may(StaffAction.CASES_HANDLE),
        may_search=may(StaffAction.LOG_SEARCH),
        person=services().references.of(case.person_id) if may(StaffAction.MANDATES_SEARCH) else None,
        line=lines(here, [opened.event])[0] if opened.event else None,
        problem=problem,
        shortest=SHORTEST_TEXT,
        longest=LONGEST_TEXT,
        written=written or sent().get("text", ""),
        chosen=chosen or sent().get("outcome", ""),
    )
