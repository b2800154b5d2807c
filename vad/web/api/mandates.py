"""The person's mandates: reading them, and stopping them."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint
from spectree import Response

from vad.domain.identifiers import MandateId
from vad.domain.mandate import Route
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.web.api import presentation
from vad.web.api.access import caller
from vad.web.api.cursors import cursor, place
from vad.web.api.document import spec
from vad.web.api.models import Mandate, Mandates, MandatesQuery, Representations, Revocation
from vad.web.support.api_models import Problem
from vad.web.support.api_problems import ApiProblem, not_found
from vad.web.support.services import now, services

blueprint = Blueprint("mandates", __name__, url_prefix="/v1")

_SIDES = {"represented": Route.OFFER, "representative": Route.REQUEST, None: None}


@blueprint.get("/mandates")
@spec.validate(resp=Response(HTTP_200=Mandates), operation_id="listMandates")
def mandates(query: MandatesQuery) -> Mandates:
    """List the person's mandates.

    Those that the person gave and those that they hold, offers and requests included; ended ones for fifteen months.
    """
    asked = services().mandates_for_apps
    after = None if query.cursor is None else place(query.cursor)
    page = asked.page(caller(), _SIDES[query.role], after, query.limit, now())
    return Mandates(
        mandates=[presentation.mandate(each, caller().client.client_id) for each in page.told],
        next_cursor=cursor(page.told[-1].place) if page.more else None,
    )


@blueprint.get("/mandates/<uuid:mandate_id>")
@spec.validate(resp=Response(HTTP_200=Mandate, HTTP_404=Problem), operation_id="readMandate")
def mandate(mandate_id: UUID) -> Mandate:
    """Read one mandate of the person."""
    told = services().mandates_for_apps.one(caller(), MandateId(mandate_id), now())
    if told is None:
        raise not_found()
    return presentation.mandate(told, caller().client.client_id)


@blueprint.post("/mandates/<uuid:mandate_id>/revocations")
@spec.validate(resp=Response(HTTP_200=Mandate, HTTP_404=Problem, HTTP_409=Problem), operation_id="stopMandate")
def revocations(mandate_id: UUID, json: Revocation) -> Mandate:
    """Stop a mandate, or one permission of it.

    It counts at once, and both people are told. What has stopped before stays stopped: asking twice is no error.
    """
    try:
        told = services().mandates_for_apps.stop(caller(), MandateId(mandate_id), json.permission_id, now())
    except MandateUnableError as error:
        if error.why is Unable.NOTHING:
            raise not_found() from error
        raise ApiProblem(HTTPStatus.CONFLICT, "moved_on", "It is not in force: there is nothing to stop.") from error
    if told is None:
        raise not_found()
    return presentation.mandate(told, caller().client.client_id)


@blueprint.get("/representations")
@spec.validate(resp=Response(HTTP_200=Representations), operation_id="listRepresentations")
def representations() -> Representations:
    """List for whom the person can act with this app now.

    By a mandate, or as a parent. Who acts logs in at the app for that person: no token of this API does.
    """
    people, complete = services().mandates_for_apps.act_for(caller(), now())
    return Representations(people=[presentation.act_for(each) for each in people], complete=complete)
