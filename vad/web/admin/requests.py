"""What waits for a second person, and the decision about it (rule 44)."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, url_for

from vad.domain.approval import ApprovalError, RequestState, StaffRequest
from vad.domain.errors import VadError
from vad.domain.identifiers import RequestId
from vad.domain.staff import StaffAction
from vad.services.agreed_commands import COMMANDS, PURGE, command
from vad.web.admin import asking
from vad.web.admin.request_rows import TITLES, RequestRow, of_month, rows
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("requests", __name__)


@blueprint.get("/verzoeken")
@staff_page(StaffAction.REQUESTS_VIEW)
def listed(here: Visit) -> Response:
    """What this one asked for, what they may decide, and what is over."""
    approvals = services().deciding.approvals
    waiting = approvals.waiting(here.member, now())
    over = approvals.decided(here.member)
    return page(
        "requests.html", here, own=waiting.own, for_me=waiting.for_me, others=waiting.others, over=over, titles=TITLES,
        reviews=here.member.may(StaffAction.REQUESTS_REVIEW),
    )  # fmt: skip


@blueprint.get("/verzoeken/<uuid:request_id>")
@staff_page(StaffAction.REQUESTS_VIEW)
def shown(here: Visit, request_id: UUID) -> Response:
    """One request, with everything that is needed to decide it."""
    return _page(here, _known(here, request_id))


@blueprint.post("/verzoeken/<uuid:request_id>/goedkeuren")
@staff_page(StaffAction.REQUESTS_VIEW)
def approve(here: Visit, request_id: UUID) -> Response:
    """Agree: it is done at once. The use case asks for the right that its kind takes."""
    known = _known(here, request_id)
    try:
        services().deciding.approvals.approve(here.member, known.request_id, now())
    except asking.ERRORS as error:
        return _page(here, _known(here, request_id), error)
    return _to(request_id)


@blueprint.post("/verzoeken/<uuid:request_id>/weigeren")
@staff_page(StaffAction.REQUESTS_VIEW)
def refuse(here: Visit, request_id: UUID) -> Response:
    """Say no, with the reason."""
    known = _known(here, request_id)
    try:
        services().deciding.approvals.refuse(here.member, known.request_id, asking.text("reason"), now())
    except asking.ERRORS as error:
        return _page(here, _known(here, request_id), error)
    return _to(request_id)


@blueprint.post("/verzoeken/<uuid:request_id>/intrekken")
@staff_page(StaffAction.REQUESTS_VIEW)
def withdraw(here: Visit, request_id: UUID) -> Response:
    """Take one's own request back."""
    known = _known(here, request_id)
    try:
        services().deciding.approvals.withdraw(here.member, known.request_id, now())
    except asking.ERRORS as error:
        return _page(here, _known(here, request_id), error)
    return _to(request_id)


def to_request(request_id: RequestId) -> Response:
    """To the page of what was just asked for."""
    return _to(request_id)


def _to(request_id: UUID) -> Response:
    return see_other(url_for("requests.shown", request_id=request_id))


def _known(here: Visit, request_id: UUID) -> StaffRequest:
    try:
        return services().deciding.approvals.view(here.member, RequestId(request_id))
    except ApprovalError:
        abort(HTTPStatus.NOT_FOUND)


def _page(here: Visit, known: StaffRequest, error: VadError | None = None) -> Response:
    at = now()
    state = known.standing(at)
    own = known.person == here.member.person
    asked, decided = services().deciding.approvals.accounts(known)
    return page(
        "request.html",
        here,
        status=HTTPStatus.CONFLICT if error else HTTPStatus.OK,
        request=known,
        title=TITLES.get(known.kind, known.kind),
        rows=rows(known, services().deciding.persons.references.of) + _now(here, known),
        state=state.value,
        open=state is RequestState.REQUESTED,
        own=own,
        may_decide=services().deciding.approvals.decides(here.member, known),
        asked=asked,
        decided=decided,
        decided_self=known.decided_person == here.member.person,
        by_command=known.kind in COMMANDS,
        command=command(known) if state is RequestState.APPROVED else "",
        **asking.shown(error),
    )


def _now(here: Visit, known: StaffRequest) -> list[RequestRow]:
    """What stands there now of what it asks for, where that may have changed."""
    if known.kind != PURGE:
        return []
    return of_month(services().log_changes.held(here.member, str(known.payload["month"])))
