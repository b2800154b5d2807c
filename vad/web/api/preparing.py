"""Preparing an offer, or the answer to one: the person then confirms it on a page of VAD."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint
from spectree import Response

from vad.domain.identifiers import MandateId
from vad.domain.mandate_parties import MandateUnableError
from vad.services.ports.prepared import Prepared
from vad.services.prepared_mandates import Offer as Asked
from vad.web.api.access import caller
from vad.web.api.document import spec
from vad.web.api.models import Acceptance, Confirmation, Offer
from vad.web.support.api_models import Problem
from vad.web.support.api_problems import ApiProblem, invalid_value, not_found
from vad.web.support.services import now, services

blueprint = Blueprint("preparing", __name__, url_prefix="/v1")

_Created = tuple[Confirmation, int, dict[str, str]]


@blueprint.post("/offers")
@spec.validate(resp=Response(HTTP_201=Confirmation), operation_id="prepareOffer")
def offers(json: Offer) -> _Created:
    """Prepare an offer: the person lets somebody see their data.

    It is none before the person has confirmed it at `confirmUri`, having logged in with DigiD at most five minutes ago.
    The code for the other is shown there, to the person alone.
    """
    known = {each.id for each in services().registrations.data_services()}
    for number, service in enumerate(json.data_services):
        if service not in known:
            raise invalid_value(f"#/dataServices/{number}", "unknown", "There is no such data service.")
    asked = Asked(json.name, json.data_services, json.apps == "all", json.months)
    return _created(services().prepared_mandates.offer(caller(), asked, now()))


@blueprint.post("/mandates/<uuid:mandate_id>/acceptances")
@spec.validate(
    resp=Response(HTTP_201=Confirmation, HTTP_404=Problem, HTTP_409=Problem), operation_id="prepareAcceptance"
)
def acceptances(mandate_id: UUID, json: Acceptance) -> _Created:  # noqa: ARG001 - it says that there is a body
    """Prepare the answer to an offer or a request that waits for the person.

    What the answer is, the person says at `confirmUri`, having logged in with DigiD at most five minutes ago.
    """
    try:
        prepared = services().prepared_mandates.answer(caller(), MandateId(mandate_id), now())
    except MandateUnableError as error:
        detail = "It does not wait for an answer of this person."
        raise ApiProblem(HTTPStatus.CONFLICT, "moved_on", detail) from error
    if prepared is None:
        raise not_found()
    return _created(prepared)


def _created(prepared: Prepared) -> _Created:
    address = f"{services().issuer}/mijn/bevestigen/{prepared.name}"
    answer = Confirmation(confirm_uri=address, expires_at=prepared.expires_at)
    return answer, HTTPStatus.CREATED, {"Location": address}
