"""The end of a mandate, whoever or whatever made it: written, told, and all let go that rested on it (rule 27)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vad.domain.audit import AuditEvent
from vad.domain.identifiers import PersonId
from vad.domain.mandate import Mandate, MandateState, Route
from vad.domain.mandate_events import MandateEnded, MandateExpired, MandateLapsed, MandateStopped
from vad.domain.session import Session
from vad.domain.staff import StaffMember
from vad.services.mandate_notices import tell_both
from vad.services.mandate_release import MandateRelease
from vad.services.mandates import event
from vad.services.ports.records import UnitOfWork

_EVENTS: Final[Mapping[MandateState, type[AuditEvent]]] = {
    MandateState.REVOKED: MandateStopped,
    MandateState.EXPIRED: MandateExpired,
    MandateState.ENDED: MandateEnded,
    MandateState.LAPSED: MandateLapsed,
}


@dataclass(frozen=True, slots=True)
class MandateEnd:
    """What every end does, in the unit of work of its cause."""

    release: MandateRelease

    def of(
        self,
        tx: UnitOfWork,
        known: Mandate,
        to: MandateState,
        at: datetime,
        *,
        by: Session | PersonId | StaffMember | None = None,
        reason: str | None = None,
    ) -> Mandate | None:
        """End it; `by` None: nobody did it. None where somebody was first. Raises `MoveError`."""
        tx.mandates.hold_all(known, at)
        over, kind = known.moved(to, at), _EVENTS[to]
        if not tx.mandates.keep(over):
            return None
        if known.route is Route.LETTER:
            tx.mandate_letters.forget_asked(known.mandate_id)
        actor, session = (by.person_id, by) if isinstance(by, Session) else (by, None)
        told = event(kind, over, actor, session, reason=reason)
        tx.audit.append(told, *self.release.of(tx, over, at), at=at)
        if to is not MandateState.LAPSED:
            tell_both(tx, kind, over, at)
        return over

    def of_overdue_between(self, tx: UnitOfWork, mandate: Mandate, at: datetime) -> None:
        """Write down which others of the two in this mandate the clock has ended: they would be in its way."""
        if mandate.represented is None or mandate.representative is None:
            return
        for known in tx.mandates.active(mandate.represented, mandate.representative):
            if known.standing(at) is MandateState.EXPIRED:
                self.of(tx, known, MandateState.EXPIRED, at)

    def end_all_of(self, tx: UnitOfWork, represented: PersonId, reason: str, at: datetime) -> int:
        """End every mandate in force that this person gave; returns how many."""
        given = (each for each in tx.mandates.of(represented, at) if each.represented == represented)
        in_force = [each for each in given if each.standing(at) is MandateState.ACTIVE]
        ended = (self.of(tx, each, MandateState.ENDED, at, reason=reason) for each in in_force)
        return sum(each is not None for each in ended)
