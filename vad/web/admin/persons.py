"""Finding a person, and showing who it is (A2). A BSN comes in a form that is posted, and stands nowhere else."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.identifiers import PersonId
from vad.domain.justification import Justification, JustificationError
from vad.domain.staff import StaffAction
from vad.services.person_inquiry import Unmasked
from vad.services.ports.log_search import MandateFilter
from vad.services.typed_persons import typed_bsn
from vad.services.unmasking_limit import TOO_MANY, TooManyShownError
from vad.web.admin import positions
from vad.web.admin.support import Visit, page, services, staff_page, viewed
from vad.web.admin.time_out import sent
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("persons", __name__)
LONGEST = 60


@blueprint.get("/personen")
@staff_page(StaffAction.MANDATES_SEARCH)
def persons(here: Visit) -> Response:
    """Ask for a reference, or a BSN with a reason."""
    return _asking(here)


@blueprint.post("/personen")
@staff_page(StaffAction.MANDATES_SEARCH)
def find(here: Visit) -> Response:
    """Lead to the person. What was typed as a BSN is not shown again, whatever comes of it."""
    typed = {name: request.form.get(name, "").strip() for name in ("reference", "reason", "case_number")}
    named = request.form.get("person", "").strip()[:LONGEST]
    inquiry, problem, found = services().persons, "unknown", None
    if not named:
        problem = "missing"
    elif (bsn := typed_bsn(named)) is not None:
        try:
            why = Justification(typed["reason"], typed["case_number"])
        except JustificationError as error:
            problem = error.fault.value
        else:
            found = inquiry.by_bsn(here.member, bsn, why, now())
    else:
        found = inquiry.by_reference(here.member, named)
    if found is None:
        return _asking(here, problem, typed)
    return see_other(url_for("persons.person", reference=services().references.of(found)))


@blueprint.get("/personen/<reference>")
@staff_page(StaffAction.MANDATES_SEARCH, recorded=False)
def person(here: Visit, reference: str) -> Response:
    """The mandates of this person, on both sides."""
    person_id = _known(here, reference)
    return _person(here, reference, person_id)


@blueprint.post("/personen/<reference>")
@staff_page(StaffAction.PERSONS_UNMASK)
def unmask(here: Visit, reference: str) -> Response:
    """Show who it is, this once."""
    person_id = _known(here, reference)
    try:
        why = Justification(request.form.get("reason", ""), request.form.get("case_number", ""))
    except JustificationError as error:
        return _person(here, reference, person_id, problem=error.fault.value)
    try:
        unmasked = services().persons.unmask(here.member, person_id, why, now())
    except TooManyShownError:
        return _person(here, reference, person_id, problem=TOO_MANY)
    return _person(here, reference, person_id, unmasked=unmasked)


def _asking(here: Visit, problem: str | None = None, typed: Mapping[str, str] | None = None) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    many = here.member.may(StaffAction.PERSONS_UNMASK_IN_BULK)
    typed = typed or {name: sent().get(name, "") for name in ("reference", "reason", "case_number")}
    return page("persons.html", here, status=status, problem=problem, typed=typed, many=many)


def _known(here: Visit, reference: str) -> PersonId:
    person_id = services().persons.by_reference(here.member, reference)
    if person_id is None:
        abort(HTTPStatus.NOT_FOUND)
    viewed(here, StaffAction.MANDATES_SEARCH, concerning=(person_id,))
    return person_id


def _person(
    here: Visit, reference: str, person_id: PersonId, *, unmasked: Unmasked | None = None, problem: str | None = None
) -> Response:
    after = positions.read(request.args.get("after"))
    found = services().mandates.search(here.member, MandateFilter(person=person_id), after)
    following = None
    if found.further:
        following = url_for("persons.person", reference=reference, after=positions.written(*found.further))
    return page(
        "person.html",
        here,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        reference=reference,
        person_id=person_id,
        mandates=found.mandates,
        following=following,
        first=after is None,
        refer=services().references.of,
        unmasked=unmasked,
        problem=problem,
        typed={name: sent().get(name, "") for name in ("reason", "case_number")},
        many=here.member.may(StaffAction.PERSONS_UNMASK_IN_BULK),
        may_unmask=here.member.may(StaffAction.PERSONS_UNMASK),
        may_export=here.member.may(StaffAction.PERSONS_EXPORT),
        may_search=here.member.may(StaffAction.LOG_SEARCH),
    )
