"""What somebody sees of their mandates: who may act for them, and for whom they may act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.client import DataService
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate, MandateState, Permission, Route
from vad.domain.mandate_legal import seen
from vad.domain.session import Session
from vad.services.names import Names
from vad.services.ports.records import Registrations, UnitOfWorkFactory

KEPT_IN_VIEW = timedelta(days=456)
"""Fifteen months: so long an ended mandate stays on the page."""
_NEVER_IN_FORCE = frozenset({MandateState.DECLINED, MandateState.LAPSED})
"""Nothing came of these: no register is asked what the other is called now."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One permission, with names."""

    permission: Permission
    data_service: DataService
    app: str | None
    """None: every app."""
    source: str | None
    """None: every data source."""


@dataclass(frozen=True, slots=True)
class Card:
    """One mandate, with names. `name` is of the other; empty while neither the register nor its maker says it."""

    mandate: Mandate
    name: str
    allowed: tuple[Allowed, ...]
    """What was not stopped."""


@dataclass(frozen=True, slots=True)
class MandateOverview:
    """The use case."""

    work: UnitOfWorkFactory
    registrations: Registrations
    names: Names

    def given(self, session: Session, at: datetime) -> tuple[Card, ...]:
        """Who may act for this person, or was asked to, or asks; the latest change first."""
        return self._cards(session, lambda each: each.represented == session.person_id, at)

    def held(self, session: Session, at: datetime) -> tuple[Card, ...]:
        """For whom this person may act, or asked to, or is asked to."""
        return self._cards(session, lambda each: each.representative == session.person_id, at)

    def side(self, session: Session, mandate_id: MandateId) -> Route | None:
        """On which side of it this person is, as the route that begins there; None: on neither."""
        with self.work() as tx:
            mandate = tx.mandates.get(mandate_id)
        if mandate is None or session.person_id not in (mandate.represented, mandate.representative):
            return None
        return Route.OFFER if mandate.represented == session.person_id else Route.REQUEST

    def card(self, session: Session, mandate: Mandate, at: datetime, *, at_hand: bool = False) -> Card:
        """One mandate of this person. `at_hand`: with the name that is at hand, or none."""
        return Card(mandate, self._name(session, mandate, at, at_hand=at_hand), self.allowed(mandate))

    def allowed(self, mandate: Mandate) -> tuple[Allowed, ...]:
        """What was not stopped of it, with names."""
        known = (self.registrations.data_service(each.data_service) for each in mandate.permissions)
        return tuple(
            Allowed(each, service, self._app(each), self._source(each))
            for each, service in zip(mandate.permissions, known, strict=True)
            if service is not None and each.stopped_at is None
        )

    def _cards(self, session: Session, mine: Callable[[Mandate], bool], at: datetime) -> tuple[Card, ...]:
        with self.work() as tx:
            mandates = tx.mandates.of(session.person_id, at - KEPT_IN_VIEW)
        cards, away = [], False
        for each in (one for one in mandates if mine(one) and seen(one)):
            # Once the register has not answered, nothing more waits for it: whoever wants to stop one must get here.
            asks = not away and each.state not in _NEVER_IN_FORCE
            cards.append(self.card(session, each, at, at_hand=not asks))
            away = away or (asks and not cards[-1].name and _other(each, session.person_id) is not None)
        return tuple(cards)

    def _name(self, session: Session, mandate: Mandate, at: datetime, *, at_hand: bool) -> str:
        """What the maker wrote is for the maker alone: to the other it might be anything."""
        person_id = _other(mandate, session.person_id)
        if person_id is not None:
            return self.names.shown(person_id, at, at_hand=at_hand) or ""
        return mandate.label if mandate.maker == session.person_id else ""

    def _app(self, permission: Permission) -> str | None:
        if permission.client_id is None:
            return None
        client = self.registrations.client(permission.client_id)
        return permission.client_id if client is None else client.name

    def _source(self, permission: Permission) -> str | None:
        if permission.resource is None:
            return None
        source = self.registrations.resource_server(permission.resource)
        return permission.resource if source is None else source.name


def _other(mandate: Mandate, person_id: PersonId) -> PersonId | None:
    return mandate.representative if mandate.represented == person_id else mandate.represented
