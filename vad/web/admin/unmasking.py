"""Showing who many people are, once another person agreed (rules 40 and 44)."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort

from vad.domain.approval import ApprovalError, OutdatedError
from vad.domain.errors import VadError
from vad.domain.identifiers import PersonId, RequestId
from vad.domain.staff import StaffAction
from vad.web.admin import asking
from vad.web.admin.requests import to_request
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.services import now

blueprint = Blueprint("unmasking", __name__)


@blueprint.get("/personen/wie-zijn-dit")
@staff_page(StaffAction.PERSONS_UNMASK_IN_BULK)
def ask(here: Visit) -> Response:
    """Ask for the references."""
    return _form(here)


@blueprint.post("/personen/wie-zijn-dit")
@staff_page(StaffAction.PERSONS_UNMASK_IN_BULK)
def asked(here: Visit) -> Response:
    """Let another person decide."""
    try:
        found = [_person(line) for line in asking.text("references").splitlines() if line.strip()]
        request_id = services().unmasking.ask(here.member, found, asking.justification(), now())
    except asking.ERRORS as error:
        return _form(here, error)
    return to_request(request_id)


@blueprint.get("/personen/wie-zijn-dit/<uuid:request_id>")
@staff_page(StaffAction.PERSONS_UNMASK_IN_BULK)
def shown(here: Visit, request_id: UUID) -> Response:
    """Who they are, for a day."""
    try:
        found = services().unmasking.shown(here.member, RequestId(request_id), now())
    except ApprovalError:
        abort(HTTPStatus.NOT_FOUND)
    return page("unmasked.html", here, found=found, refer=services().references.of)


def _person(line: str) -> PersonId:
    person_id = services().references.person(line)
    if person_id is None:
        raise OutdatedError("nobody")
    return person_id


def _form(here: Visit, error: VadError | None = None) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return page("unmask_many.html", here, status=status, **asking.shown(error))
