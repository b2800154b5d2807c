"""Everything about one person, taken by staff for that person (AVG article 15)."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from vad.domain.identifiers import PersonId
from vad.domain.justification import Justification, JustificationError
from vad.domain.staff import StaffAction
from vad.services.unmasking_limit import TOO_MANY, TooManyShownError
from vad.web.admin.support import Visit, page, services, staff_page, viewed
from vad.web.admin.time_out import sent
from vad.web.support import own_data_archive
from vad.web.support.services import now

blueprint = Blueprint("person_export", __name__)


@blueprint.get("/personen/<reference>/gegevens")
@staff_page(StaffAction.PERSONS_EXPORT, recorded=False)
def ask(here: Visit, reference: str) -> Response:
    """Say what it is, and ask why."""
    viewed(here, StaffAction.PERSONS_EXPORT, concerning=(_known(here, reference),))
    return _asking(here, reference)


@blueprint.post("/personen/<reference>/gegevens")
@staff_page(StaffAction.PERSONS_EXPORT)
def take(here: Visit, reference: str) -> Response:
    """Give it, this once."""
    person_id, at = _known(here, reference), now()
    try:
        why = Justification(request.form.get("reason", ""), request.form.get("case_number", ""))
    except JustificationError as error:
        viewed(here, StaffAction.PERSONS_EXPORT, concerning=(person_id,))
        return _asking(here, reference, error.fault.value)
    try:
        told = services().person_exports.of(
            here.member, person_id, why, at, to_weigh=request.form.get("to_weigh") == "yes", sid=here.session.sid
        )
    except TooManyShownError:
        viewed(here, StaffAction.PERSONS_EXPORT, concerning=(person_id,))
        return _asking(here, reference, TOO_MANY)
    return own_data_archive.download(told, services().registrations, at)


def _known(here: Visit, reference: str) -> PersonId:
    person_id = services().persons.by_reference(here.member, reference)
    if person_id is None:
        abort(HTTPStatus.NOT_FOUND)
    return person_id


def _asking(here: Visit, reference: str, problem: str | None = None) -> Response:
    return page(
        "person_export.html",
        here,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        reference=reference,
        many=here.member.may(StaffAction.PERSONS_UNMASK_IN_BULK),
        problem=problem,
        typed={name: sent().get(name, "")[:500] for name in ("reason", "case_number", "to_weigh")},
    )
