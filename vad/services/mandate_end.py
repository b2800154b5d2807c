"""Ending a mandate that nobody of the two stopped: death, curatele, or a block (rules 25 and 27)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.identifiers import PersonId
from vad.domain.mandate import Mandate, MandateState
from vad.domain.mandate_events import MandateEnded
from vad.services.mandate_notices import tell_both
from vad.services.mandate_release import MandateRelease
from vad.services.mandates import event
from vad.services.ports.records import UnitOfWork


@dataclass(frozen=True, slots=True)
class MandateEnd:
    """What every such end does, in the unit of work of its cause."""

    release: MandateRelease

    def of(self, tx: UnitOfWork, known: Mandate, reason: str, at: datetime) -> bool:
        """End it. False where somebody was first."""
        tx.mandates.hold_all(known, at)
        ended = known.moved(MandateState.ENDED, at)
        if not tx.mandates.keep(ended):
            return False
        tx.audit.append(event(MandateEnded, ended, None, reason=reason), *self.release.of(tx, ended, at), at=at)
        tell_both(tx, MandateEnded, ended, at)
        return True

    def end_all_of(self, tx: UnitOfWork, represented: PersonId, reason: str, at: datetime) -> int:
        """End every mandate in force that this person gave; returns how many."""
        given = (each for each in tx.mandates.of(represented, at) if each.represented == represented)
        in_force = [each for each in given if each.standing(at) is MandateState.ACTIVE]
        return sum(self.of(tx, each, reason, at) for each in in_force)
