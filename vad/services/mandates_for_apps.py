"""The mandates of a person as an app may see and stop them on the person's behalf."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vad.domain import claims
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import OVER, Mandate, Route
from vad.domain.mandate_events import MandatesRead
from vad.domain.mandate_legal import seen
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.representation import Choice
from vad.services.api_access import ApiCaller
from vad.services.mandate_changes import MandateChanges
from vad.services.mandate_overview import KEPT_IN_VIEW, Card, MandateOverview
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import Pairwise
from vad.services.representation import Representation

Place = tuple[datetime, UUID]
"""Where a mandate stands in its list: by its latest change, and of equals by its id."""


@dataclass(frozen=True, slots=True)
class Told:
    """One mandate of the person, with the other as this app knows them."""

    card: Card
    side: Route
    """On which side the person is, as the route that begins there."""
    sub: str | None
    """The other's pairwise subject; None while there is no other."""

    @property
    def place(self) -> Place:
        """Where it stands in the list."""
        return self.card.mandate.changed_at, self.card.mandate.mandate_id


@dataclass(frozen=True, slots=True)
class MandatePage:
    """A part of the list, the latest change first."""

    told: tuple[Told, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class ActFor:
    """Somebody for whom the person can act with this app now."""

    choice: Choice
    sub: str


@dataclass(frozen=True, slots=True)
class MandatesForApps:
    """The use case. Reading is an event of the log, as stopping is: it tells the app about two people."""

    work: UnitOfWorkFactory
    overview: MandateOverview
    changes: MandateChanges
    representation: Representation
    pairwise: Pairwise

    def page(self, caller: ApiCaller, side: Route | None, after: Place | None, limit: int, at: datetime) -> MandatePage:
        """So many mandates of the person, from one place in the list on; `side` None: on either."""
        person = caller.session.person_id
        with self.work() as tx:
            mandates = [
                each
                for each in sorted(tx.mandates.of(person, at - KEPT_IN_VIEW), key=_place, reverse=True)
                if seen(each) and side in (None, _side(each, person)) and (after is None or _place(each) < after)
            ]
            shown = mandates[:limit]
            tx.audit.append(_read(caller, shown), at=at)
            tx.commit()
        told: list[Told] = []
        for each in shown:
            # Once the register has not answered, nothing more waits for it.
            away = any(one.sub is not None and not one.card.name for one in told)
            told.append(self._told(caller, each, at, at_hand=away))
        return MandatePage(tuple(told), len(mandates) > limit)

    def one(self, caller: ApiCaller, mandate_id: MandateId, at: datetime) -> Told | None:
        """This mandate of the person; None for one that there is not, or that is of others."""
        with self.work() as tx:
            mandate = _mine(caller, tx.mandates.get(mandate_id))
            if mandate is None:
                return None
            tx.audit.append(_read(caller, [mandate]), at=at)
            tx.commit()
        return self._told(caller, mandate, at)

    def act_for(self, caller: ApiCaller, at: datetime) -> tuple[tuple[ActFor, ...], bool]:
        """For whom the person can act with this app now, and whether the registers could say all of it.

        Those for whom they can't are not the app's business, nor is why.
        """
        choices = self.representation.choices(caller.client, caller.session, at)
        able = tuple(each for each in choices.others if each.basis is not None)
        with self.work() as tx:
            tx.audit.append(_read(caller, [each.mandate for each in able if each.mandate is not None]), at=at)
            tx.commit()
        return tuple(ActFor(each, self._sub(caller, each.person_id)) for each in able), choices.certain

    def stop(self, caller: ApiCaller, mandate_id: MandateId, permission_id: UUID | None, at: datetime) -> Told | None:
        """Stop it, or one permission; what is over already stays so. None as for `one`.

        Raises `MandateUnableError`: `NOTHING` for a permission that it does not have, `MOVED_ON` where it was never in
        force.
        """
        with self.work() as tx:
            mandate = _mine(caller, tx.mandates.get(mandate_id))
        if mandate is None:
            return None
        if permission_id is not None and permission_id not in {each.permission_id for each in mandate.permissions}:
            raise MandateUnableError(Unable.NOTHING)
        if _stopped(mandate, permission_id, at):
            return self._told(caller, mandate, at)
        try:
            if permission_id is None:
                mandate = self.changes.stop(caller.session, mandate_id, at)
            else:
                mandate = self.changes.stop_permission(caller.session, mandate_id, permission_id, at)
        except MandateUnableError:
            with self.work() as tx:
                known = tx.mandates.get(mandate_id)
            if known is None or not _stopped(known, permission_id, at):
                raise
            # Somebody was first: what was asked for is so.
            mandate = known
        return self._told(caller, mandate, at)

    def _told(self, caller: ApiCaller, mandate: Mandate, at: datetime, *, at_hand: bool = False) -> Told:
        side = _side(mandate, caller.session.person_id)
        other = mandate.representative if side is Route.OFFER else mandate.represented
        card = self.overview.card(caller.session, mandate, at, at_hand=at_hand)
        return Told(card, side, None if other is None else self._sub(caller, other))

    def _sub(self, caller: ApiCaller, person_id: PersonId) -> str:
        return self.pairwise.subject(claims.sector_of_client(caller.client), person_id)


def _mine(caller: ApiCaller, mandate: Mandate | None) -> Mandate | None:
    person = caller.session.person_id
    if mandate is None or not seen(mandate):
        return None
    return mandate if person in (mandate.represented, mandate.representative) else None


def _side(mandate: Mandate, person_id: PersonId) -> Route:
    return Route.OFFER if mandate.represented == person_id else Route.REQUEST


def _stopped(mandate: Mandate, permission_id: UUID | None, at: datetime) -> bool:
    part = any(each.permission_id == permission_id and each.stopped_at is not None for each in mandate.permissions)
    return part or mandate.standing(at) in OVER


def _place(mandate: Mandate) -> Place:
    return mandate.changed_at, mandate.mandate_id


def _read(caller: ApiCaller, mandates: Iterable[Mandate]) -> MandatesRead:
    session = caller.session
    return MandatesRead(
        actor=session.person_id,
        represented=session.person_id,
        client_id=session.through,
        sid=session.sid,
        evidence={"mandates": [str(each.mandate_id) for each in mandates]},
    )
