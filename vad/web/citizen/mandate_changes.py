"""Stopping an authorisation or a part of it (P12), moving its end, making another code."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.identifiers import MandateId
from vad.domain.mandate import Mandate, TermError, TermFault, latest_day
from vad.domain.mandate_parties import MandateUnableError
from vad.services.mandate_drafts import last_day
from vad.services.ports.volatile import MandateDraft
from vad.web.citizen.mandate_making import code_page
from vad.web.citizen.mandates import to_list
from vad.web.support import own_pages
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("mandate_changes", __name__)


@blueprint.get("/mijn/machtigingen/<uuid:mandate_id>/stoppen")
def stop(mandate_id: UUID) -> Response:
    """Ask whether to stop it, or the one permission that the address names."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    mandate = _known(here, mandate_id)
    if mandate is None:
        return to_list(here, mandate_id)
    card, named = services().mandates.overview.card(here.session, mandate, now()), request.args.get("deel")
    part = next((each for each in card.allowed if str(each.permission.permission_id) == named), None)
    if named and part is None:
        # Stopped already: nobody who asked for a part is asked about the whole.
        return to_list(here, mandate_id)
    return page("mandate_stop.html", here, own_pages.MANDATES, card=card, part=part, given=_gives(here, mandate))


@blueprint.post("/mijn/machtigingen/<uuid:mandate_id>/stoppen")
def stopped(mandate_id: UUID) -> Response:
    """Stop it. Twice is no error: it is stopped."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    mandate = _known(here, mandate_id)
    if mandate is None:
        return to_list(here, mandate_id)
    done, part = "gestopt", request.form.get("part", "")
    if request.form.get("action") != "stop":
        return _back(here, mandate, None)
    try:
        if part:
            permission = next((e for e in mandate.permissions if str(e.permission_id) == part), None)
            if permission is None:
                abort(HTTPStatus.NOT_FOUND)
            services().mandates.changes.stop_permission(
                here.session, mandate.mandate_id, permission.permission_id, now()
            )
            done = "deel-gestopt"
        else:
            services().mandates.changes.stop(here.session, mandate.mandate_id, now())
    except MandateUnableError:
        # Somebody was first: what was asked for is so.
        pass
    return _back(here, mandate, done)


@blueprint.get("/mijn/machtigingen/<uuid:mandate_id>/einde")
def end(mandate_id: UUID) -> Response:
    """Ask until when."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    mandate = _mine(here, mandate_id)
    return to_list(here, mandate_id) if mandate is None else _end_page(here, mandate, MandateDraft())


@blueprint.post("/mijn/machtigingen/<uuid:mandate_id>/einde")
def moved(mandate_id: UUID) -> Response:
    """Move the end."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    mandate = _mine(here, mandate_id)
    if mandate is None:
        return to_list(here, mandate_id)
    term, day, month, year = (request.form.get(name, "").strip()[:4] for name in ("term", "day", "month", "year"))
    draft = MandateDraft(term=term, day=day, month=month, year=year)
    try:
        if not draft.term:
            return _end_page(here, mandate, draft, "term")
        services().mandates.changes.move_end(here.session, mandate.mandate_id, last_day(draft, now()), now())
    except TermError as error:
        return _end_page(here, mandate, draft, str(error))
    except MandateUnableError as error:
        return _end_page(here, mandate, draft, unable=error.why.value)
    return _back(here, mandate, "veranderd")


@blueprint.post("/mijn/machtigingen/<uuid:mandate_id>/code")
def recode(mandate_id: UUID) -> Response:
    """Make another code for what nobody has answered, and show it, once."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    try:
        made = services().mandates.making.recode(here.session, MandateId(mandate_id), now())
    except MandateUnableError:
        return to_list(here, mandate_id)
    return code_page(here, made.mandate.route, made.mandate.label, made.code.shown(), made.mandate.answer_by)


@blueprint.post("/mijn/machtigingen/<uuid:mandate_id>/intrekken")
def withdraw(mandate_id: UUID) -> Response:
    """Take back one's own offer or request."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    try:
        mandate = services().mandates.answers.decline(here.session, MandateId(mandate_id), now())
    except MandateUnableError:
        return to_list(here, mandate_id)
    return _back(here, mandate, "ingetrokken")


def _known(here: Visit, mandate_id: UUID) -> Mandate | None:
    return services().mandates.changes.of(here.session, MandateId(mandate_id), now())


def _mine(here: Visit, mandate_id: UUID) -> Mandate | None:
    mandate = _known(here, mandate_id)
    return mandate if mandate is not None and _gives(here, mandate) else None


def _gives(here: Visit, mandate: Mandate) -> bool:
    return mandate.represented == here.session.person_id


def _back(here: Visit, mandate: Mandate, done: str | None) -> Response:
    return see_other(url_for("mandates.given" if _gives(here, mandate) else "mandates.held", gedaan=done))


def _end_page(here: Visit, mandate: Mandate, draft: MandateDraft, problem: str = "", *, unable: str = "") -> Response:
    return page(
        "mandate_end.html",
        here,
        own_pages.MANDATES,
        status=400 if problem else 409 if unable else 200,
        card=services().mandates.overview.card(here.session, mandate, now()),
        draft=draft,
        problem=problem,
        unable=unable,
        longest=latest_day(now()),
        faults=TermFault,
    )
