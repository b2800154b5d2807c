"""Writing down what has ended a mandate without anybody's doing: the clock, death, curatele (rules 25 and 27).

No decision waits for it: each looks at the clock and asks the register itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.errors import RegisterUnavailableError
from vad.domain.mandate import Mandate, MandateState, Route
from vad.services.mandate_end import MandateEnd
from vad.services.ports.outside import PersonRegister
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.register_evidence import keep

BATCH = 50
CHECKED_AT_A_TIME = 10
"""Mandates in one round: each takes two questions to the register."""
CHECKED_EVERY = timedelta(hours=24)
AGAIN_AFTER = timedelta(minutes=15)
"""When a mandate is due again of which the register said nothing."""


@dataclass(frozen=True, slots=True)
class MandateUpkeep:
    """The use cases of the worker. Any number of workers may run them at once."""

    work: UnitOfWorkFactory
    register: PersonRegister
    end: MandateEnd

    def record_overdue(self, at: datetime) -> int:
        """Write down which the clock has ended; returns how many."""
        with self.work() as tx:
            overdue = tx.mandates.overdue(at, BATCH)
        return sum(self._record(known, at) for known in overdue)

    def recheck(self, at: datetime) -> int:
        """Ask the register about both people of some live mandates; returns how many. Each has its turn once a day.

        It ends those of the dead, and of people whom a court has placed under curatele.
        """
        with self.work() as tx:
            mandates = tx.mandates.to_check(at - CHECKED_EVERY, at, CHECKED_AT_A_TIME)
            tx.commit()
        for number, mandate in enumerate(mandates):
            try:
                reason = self._over(mandate, at)
            except RegisterUnavailableError:
                # Nothing was learned of these: they are due again soon, and nothing else waits for the register now.
                with self.work() as tx:
                    tx.mandates.check_again(mandates[number:], at - CHECKED_EVERY + AGAIN_AFTER)
                    tx.commit()
                return 0
            if reason is not None:
                self._end(mandate, reason, at)
        return len(mandates)

    def _record(self, known: Mandate, at: datetime) -> bool:
        """Write down that it is over; False where another worker did."""
        with self.work() as tx:
            over = self.end.of(tx, known, known.standing(at), at)
            if over is not None:
                tx.commit()
        return over is not None

    def _over(self, mandate: Mandate, at: datetime) -> str | None:
        """Why it is over; None where the register does not say so. Raises `RegisterUnavailableError`."""
        with self.work() as tx:
            people = [tx.persons.get(each) for each in (mandate.represented, mandate.representative) if each]
        for number, person in enumerate(people):
            found = None if person is None else self.register.look_up(person.bsn, at)
            if person is not None and found is not None and found.evidence.deceased:
                # Before the end, and apart from it: where that fails, the log can still tell what ought to have ended.
                with self.work() as tx:
                    keep(tx, person, found.evidence, at)
                    tx.commit()
                return "deceased"
            # Of whom a curator acts for, curatele is no end (rule 29).
            is_evidence = mandate.route is Route.LEGAL and number == 0
            if found is not None and found.evidence.curatele and not is_evidence:
                return "curatele"
        return None

    def _end(self, mandate: Mandate, reason: str, at: datetime) -> None:
        with self.work() as tx:
            known = tx.mandates.get(mandate.mandate_id)
            if known is None or known.standing(at) is not MandateState.ACTIVE:
                return
            if self.end.of(tx, known, MandateState.ENDED, at, reason=reason) is not None:
                tx.commit()
