"""Mandates as the API shows them."""

from vad.domain.authorization_details import BASES
from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId
from vad.domain.mandate import OPEN, Route
from vad.services.mandate_overview import Allowed
from vad.services.mandates_for_apps import ActFor as Able
from vad.services.mandates_for_apps import Told
from vad.web.api.models import ActFor, Mandate, Permission, Person
from vad.web.support.services import now


def mandate(told: Told, client_id: ClientId) -> Mandate:
    """One mandate, for this app."""
    known = told.card.mandate
    state = known.standing(now())
    return Mandate(
        mandate_id=known.mandate_id,
        role="represented" if told.side is Route.OFFER else "representative",
        route=known.route,
        state=state,
        other=Person(sub=told.sub, name=told.card.name or None),
        permissions=[_permission(each, client_id) for each in told.card.allowed],
        starts_at=known.starts_at,
        ends_at=known.ends_at,
        last_day=known.last_day,
        made_at=known.made_at,
        changed_at=known.changed_at,
        answer_by=known.answer_by if state in OPEN else None,
        last_used_at=known.last_used_at,
    )


def act_for(able: Able) -> ActFor:
    """Somebody for whom the person can act."""
    choice = able.choice
    return ActFor(
        sub=able.sub,
        name=choice.name,
        age=choice.age,
        basis=BASES[choice.basis or Basis.SELF],
        mandate_id=None if choice.mandate is None else choice.mandate.mandate_id,
    )


def _permission(allowed: Allowed, client_id: ClientId) -> Permission:
    permission, service = allowed.permission, allowed.data_service
    return Permission(
        permission_id=permission.permission_id,
        data_service=service.id,
        name_nl=service.name_nl,
        name_en=service.name_en,
        apps="all" if permission.client_id is None else "this" if permission.client_id == client_id else "other",
        source=allowed.source,
    )
