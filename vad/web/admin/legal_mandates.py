"""Mandates on the ground of law: those in force, and asking to make or to end one (rule 29)."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, request

from vad.domain.errors import VadError
from vad.domain.identifiers import MandateId, PersonId, RequestId
from vad.domain.justification import Justification
from vad.domain.mandate_legal import LegalKind
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.staff import StaffAction
from vad.services.mandate_legal import WantedLegal
from vad.web.admin import asking
from vad.web.admin.request_rows import CODES
from vad.web.admin.requests import to_request
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.admin.time_out import sent
from vad.web.support.services import now

blueprint = Blueprint("legal_mandates", __name__)


@blueprint.get("/wettelijk")
@staff_page(StaffAction.LEGAL_MANDATES_VIEW)
def listed(here: Visit) -> Response:
    """Those in force."""
    return _page(here)


@blueprint.post("/wettelijk")
@staff_page(StaffAction.LEGAL_MANDATES_CHANGE)
def make(here: Visit) -> Response:
    """Ask another to agree to one."""
    try:
        return to_request(_asked(here))
    except asking.ERRORS as error:
        return _page(here, error)


@blueprint.post("/wettelijk/<uuid:mandate_id>/beeindigen")
@staff_page(StaffAction.LEGAL_MANDATES_CHANGE)
def end(here: Visit, mandate_id: UUID) -> Response:
    """Ask another to agree that it ends."""
    by_law = services().deciding.mandates_by_law
    try:
        return to_request(by_law.ask_to_end(here.member, MandateId(mandate_id), asking.justification(), now()))
    except asking.ERRORS as error:
        return _page(here, error)


@blueprint.post("/wettelijk/<uuid:mandate_id>/verlengen")
@staff_page(StaffAction.LEGAL_MANDATES_CHANGE)
def renew(here: Visit, mandate_id: UUID) -> Response:
    """Ask another to agree that it goes on, on a new decision."""
    renewals = services().deciding.legal_renewals
    try:
        why, review_on, reference = asking.justification(), asking.last_day(), asking.text("reference")
        return to_request(renewals.ask(here.member, MandateId(mandate_id), reference, review_on, why, now()))
    except asking.ERRORS as error:
        return _page(here, error)


def _asked(here: Visit) -> RequestId:
    at, known = now(), services().deciding
    why, review_on, kind = asking.justification(), asking.last_day(), asking.text("legal_kind")
    if kind not in set(LegalKind):
        raise asking.FieldError("legal_kind", MandateUnableError(Unable.NOTHING))
    wanted = WantedLegal(
        represented=_found(here, "represented", why, at),
        representative=_found(here, "representative", why, at),
        permissions=tuple((service, "") for service in request.form.getlist("service")),
        kind=LegalKind(kind),
        reference=asking.text("reference"),
        review_on=review_on,
    )
    return known.mandates_by_law.ask_to_make(here.member, wanted, why, at)


def _found(here: Visit, field: str, why: Justification, at: datetime) -> PersonId:
    return asking.found(here.member, StaffAction.LEGAL_MANDATES_CHANGE, field, why, at)


def _page(here: Visit, error: VadError | None = None) -> Response:
    known = services().deciding
    return page(
        "legal_mandates.html",
        here,
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        mandates=known.mandates_by_law.standing(here.member, now()),
        reference=known.persons.references.of,
        kinds=asking.choices(LegalKind, CODES),
        codes=CODES,
        data_services=known.registrations.data_services(),
        chosen=sent().getlist("service"),
        may_change=here.member.may(StaffAction.LEGAL_MANDATES_CHANGE),
        **asking.shown(error),
    )
