"""Bringing a code (P8), and answering what it belongs to: accepting, agreeing, or saying no."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from vad.domain.identifiers import MandateId
from vad.domain.mandate import Mandate, Route, TermError, TermFault, ends_after
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.services.mandate_codes import CodeRefusedError
from vad.web.citizen.mandates import to_list
from vad.web.support import birth_fields, own_pages
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("mandate_answer", __name__)

_LONGEST_CODE = 40
_LONGEST_PART = 4


@blueprint.get("/mijn/machtigingen/code")
def code() -> Response:
    """Ask for the code, and for the birth date of whom it is from."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATE_CODE)
    return _code_page(here)


@blueprint.post("/mijn/machtigingen/code")
def brought() -> Response:
    """Look at both together; then to the answer."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATE_CODE)
    text, birth = request.form.get("code", "").strip()[:_LONGEST_CODE], birth_fields.birth_date()
    empty = [name for name, there in (("code", text), ("birth", birth)) if not there]
    if empty:
        return _code_page(here, status=400, problems=empty)
    try:
        mandate_id = services().mandates.codes.reach(here.session, text, birth, now())
    except CodeRefusedError as error:
        return _code_page(here, status=400, problems=[error.why.value], until=error.until)
    except MandateUnableError as error:
        return _code_page(here, status=400, problems=[error.why.value])
    if _waiting(here, mandate_id) is None:
        # A letter's code leaves nothing to answer.
        return see_other(url_for("mandates.held", gedaan="code-goed"))
    return see_other(url_for("mandate_answer.answer", mandate_id=mandate_id))


@blueprint.get("/mijn/machtigingen/<uuid:mandate_id>/antwoord")
def answer(mandate_id: UUID) -> Response:
    """Show what is offered or asked, to whom it is for; once it is answered, the list, which says so."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    mandate = _waiting(here, mandate_id)
    return to_list(here, mandate_id) if mandate is None else answer_page(here, mandate)


@blueprint.post("/mijn/machtigingen/<uuid:mandate_id>/antwoord")
def answered(mandate_id: UUID) -> Response:
    """Take the answer."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    mandate = _waiting(here, mandate_id)
    if mandate is None:
        # Sent twice, or somebody was first.
        return to_list(here, mandate_id)
    try:
        return take(here, mandate, now())
    except TermError as error:
        return answer_page(here, mandate, status=400, problem=str(error))
    except MandateUnableError as error:
        if error.why is Unable.MOVED_ON:
            return to_list(here, mandate_id)
        return answer_page(here, mandate, status=409, problem=error.why.value)


def take(here: Visit, mandate: Mandate, at: datetime, **shown: Any) -> Response:
    """Take the answer of the form; `shown`: as for `answer_page`. Raises `TermError`, `MandateUnableError`."""
    answers, offer = services().mandates.answers, mandate.route is Route.OFFER
    back = "mandates.held" if offer else "mandates.given"
    if request.form.get("action") == "decline":
        answers.decline(here.session, mandate.mandate_id, at)
        return see_other(url_for(back, gedaan="geweigerd"))
    if offer:
        answers.accept(here.session, mandate.mandate_id, at)
        return see_other(url_for(back, gedaan="aangenomen"))
    kept = _kept(mandate)
    if not kept:
        return answer_page(here, mandate, status=400, problem="nothing", **shown)
    answers.agree(here.session, mandate.mandate_id, kept, _end(mandate, at), at)
    return see_other(url_for(back, gedaan="gemachtigd"))


def _waiting(here: Visit, mandate_id: UUID) -> Mandate | None:
    """What this person may answer now."""
    return services().mandates.answers.waiting(here.session, MandateId(mandate_id), now())


def _kept(mandate: Mandate) -> frozenset[UUID]:
    ticked = set(request.form.getlist("permission"))
    return frozenset(each.permission_id for each in mandate.permissions if str(each.permission_id) in ticked)


def _end(mandate: Mandate, at: datetime) -> datetime | None:
    """Another last day than the one that was asked for; None: that one. Raises `TermError`."""
    if request.form.get("term") != "date":
        return None
    try:
        day = date(*(int(request.form.get(name, "")[:_LONGEST_PART]) for name in ("year", "month", "day")))
    except (ValueError, OverflowError):
        raise TermError(TermFault.NO_DATE) from None
    ends_at = ends_after(day, at)
    if ends_at > mandate.ends_at:
        raise TermError(TermFault.LONGER)
    return ends_at


def _code_page(
    here: Visit, *, status: int = 200, problems: list[str] | None = None, until: datetime | None = None
) -> Response:
    return page(
        "mandate_enter_code.html",
        here,
        own_pages.MANDATE_CODE,
        status=status,
        problems=problems or [],
        until=until,
        written={"code": request.form.get("code", "")[:_LONGEST_CODE], **birth_fields.typed()},
    )


def answer_page(
    here: Visit,
    mandate: Mandate,
    *,
    status: int = 200,
    problem: str = "",
    back: str = own_pages.MANDATES,
    address: str = "",
) -> Response:
    """What is offered or asked, with its form. `back`: the name of the page; `address`: where its form goes."""
    card = services().mandates.overview.card(here.session, mandate, now())
    return page(
        "mandate_answer.html",
        here,
        back,
        status=status,
        card=card,
        offer=mandate.route is Route.OFFER,
        problem=problem,
        unable=problem if problem in set(Unable) else "",
        ticked=set(request.form.getlist("permission")),
        written={name: request.form.get(name, "")[:_LONGEST_PART] for name in ("term", "day", "month", "year")},
        address=address,
    )
