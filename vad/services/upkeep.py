"""What `vad worker` does: deliver the outbox, and write down what the clock alone has ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from vad.domain.audit import ConsentLapsed
from vad.domain.consent import Consent
from vad.services.deliveries import BATCH, Deliverer, Delivery, DeliveryObserver, Round, nobody
from vad.services.ports.outbox import Backlog
from vad.services.ports.records import UnitOfWorkFactory

Chore = Callable[[datetime], int]
"""Does a batch of something at this time; returns how many there were, 0 once nothing is left to do."""

ChoreObserver = Callable[[Exception], None]
"""Hears why a chore failed."""


def _raised(error: Exception) -> None:
    """Let it end the round."""
    raise error


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The use cases of the worker. Any number of workers may run them at once. `stopwatch` counts seconds."""

    work: UnitOfWorkFactory
    deliverers: Mapping[str, Deliverer]
    stopwatch: Callable[[], float]
    observe: DeliveryObserver = nobody
    chores: tuple[Chore, ...] = ()
    """What else is to be written down from time to time."""
    patience: Mapping[str, int] = field(default_factory=dict)
    """How often a message of a kind is tried, where that is not the usual number."""

    def deliver(self, at: datetime) -> Delivery:
        """Deliver what is due, at least once each. What one message does to its deliverer hinders no other message."""
        return Round(self.work, self.deliverers, self.observe, self.stopwatch, at, self.patience).run()

    def backlog(self) -> tuple[Backlog, ...]:
        """How many messages of each kind wait, and how many were given up."""
        with self.work() as tx:
            return tx.outbox.backlog()

    def tidy(self, at: datetime, failed: ChoreObserver = _raised) -> int:
        """Do a batch of everything that waits for no delivery; returns how much there was to do.

        A chore that fails hinders no other one: it is told to `failed`, and done again in the next round.
        """
        return sum(self._tidied(chore, at, failed) for chore in (self.record_lapsed_consents, *self.chores))

    @staticmethod
    def _tidied(chore: Chore, at: datetime, failed: ChoreObserver) -> int:
        try:
            return chore(at)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            failed(error)
            return 0

    def record_lapsed_consents(self, at: datetime) -> int:
        """Write the event of consents that nobody used for six months; returns how many."""
        with self.work() as tx:
            lapsed = tx.consents.lapsed_unrecorded(at, BATCH)
            if lapsed:
                tx.audit.append(*(_lapsed(consent) for consent in lapsed), at=at)
            tx.commit()
        return len(lapsed)


def _lapsed(consent: Consent) -> ConsentLapsed:
    return ConsentLapsed(
        represented=consent.subject,
        client_id=consent.client_id,
        resource=consent.resource,
        evidence={"consent": str(consent.consent_id), "until": consent.until.isoformat()},
    )
