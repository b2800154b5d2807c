"""Confirming what an app prepared: an offer, or the answer to one. Whoever does it logged in a moment ago."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.mandate import Mandate, Route, TermError
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.services.ports.prepared import Prepared
from vad.services.prepared_mandates import by
from vad.web.citizen.mandate_answer import answer_page, take
from vad.web.citizen.mandate_making import code_page
from vad.web.citizen.mandates import to_list
from vad.web.support import own_pages
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("confirmations", __name__)


@blueprint.get("/mijn/bevestigen/<uuid:name>")
def confirmation(name: UUID) -> Response:
    """Show what the app prepared, to the person it is for."""
    here = visit()
    if here is None or not here.session.recent(now()):
        return _log_in(here, name)
    prepared = _known(here, name)
    if prepared.mandate_id is None:
        return _offer_page(here, prepared)
    mandate = services().prepared_mandates.waiting(here.session, prepared, now())
    return to_list(here, prepared.mandate_id) if mandate is None else _shown(here, prepared, mandate)


@blueprint.post("/mijn/bevestigen/<uuid:name>")
def confirmed(name: UUID) -> Response:
    """Do it, once."""
    here = posted()
    if here is None or not here.session.recent(now()):
        return _log_in(here, name)
    prepared = _known(here, name)
    if prepared.mandate_id is None:
        return _offer(here, prepared)
    mandate = services().prepared_mandates.waiting(here.session, prepared, now())
    if mandate is None:
        # Sent twice, or somebody was first.
        return to_list(here, prepared.mandate_id)
    acting = Visit(by(here.session, prepared), here.cookie)
    try:
        return take(acting, mandate, now(), back=own_pages.confirmation(name), address=_address(name))
    except TermError as error:
        return _shown(here, prepared, mandate, status=400, problem=str(error))
    except MandateUnableError as error:
        if error.why is Unable.MOVED_ON:
            return to_list(here, prepared.mandate_id)
        return _shown(here, prepared, mandate, status=409, problem=error.why.value)


def _log_in(here: Visit | None, name: UUID) -> Response:
    where = own_pages.confirmation(name)
    return own_pages.log_in_first(where) if here is None else own_pages.log_in_again(where)


def _known(here: Visit, name: UUID) -> Prepared:
    """What was prepared for this person. Anybody else's is not found, as what there is not."""
    prepared = services().prepared_mandates.of(here.session, name, now())
    if prepared is None:
        abort(HTTPStatus.NOT_FOUND)
    return prepared


def _address(name: UUID) -> str:
    return url_for("confirmations.confirmed", name=name)


def _offer(here: Visit, prepared: Prepared) -> Response:
    use = services().prepared_mandates
    if request.form.get("action") != "make":
        use.drop(prepared)
        return see_other(url_for("mandates.given"))
    try:
        made = use.confirm(here.session, prepared, now())
    except MandateUnableError as error:
        return _offer_page(here, prepared, status=409, unable=error.why.value)
    if made is None:
        # Sent twice: the first one has made it, and its card can make another code.
        return see_other(url_for("mandates.given"))
    return code_page(here, Route.OFFER, made.mandate.label, made.code.shown(), made.mandate.answer_by)


def _offer_page(here: Visit, prepared: Prepared, *, status: int = 200, unable: str = "") -> Response:
    registrations = services().registrations
    client = registrations.client(prepared.client_id)
    return page(
        "mandate_confirm.html",
        here,
        own_pages.confirmation(prepared.name),
        status=status,
        app=client.name if client else prepared.client_id,
        label=prepared.label,
        kinds=[each for each in registrations.data_services() if each.id in prepared.data_services],
        every_app=prepared.every_app,
        until=prepared.last_day,
        unable=unable,
    )


def _shown(here: Visit, prepared: Prepared, mandate: Mandate, *, status: int = 200, problem: str = "") -> Response:
    back, address = own_pages.confirmation(prepared.name), _address(prepared.name)
    return answer_page(here, mandate, status=status, problem=problem, back=back, address=address)
