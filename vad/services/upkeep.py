"""What `vad worker` does: deliver the outbox, and write down what the clock alone has ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from vad.domain.audit import ConsentLapsed
from vad.domain.consent import Consent
from vad.domain.errors import UnavailableError
from vad.services.ports.records import OutboxMessage, UnitOfWorkFactory

BATCH = 50
MOST_ATTEMPTS = 12
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)


class Deliverer(Protocol):
    """Delivers messages of one kind. Raises `UnavailableError` when trying again later may help.

    Any other exception is a defect: the message waits as long, and an operator must look.
    """

    def __call__(self, message: OutboxMessage) -> None:
        """Deliver this message."""


@dataclass(frozen=True, slots=True)
class Defect:
    """A message whose delivery ended in an exception that nobody foresaw."""

    message: OutboxMessage
    error: Exception


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one batch."""

    taken: int
    defects: tuple[Defect, ...] = ()


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The use cases of the worker. Any number of workers may run them at once."""

    work: UnitOfWorkFactory
    deliverers: Mapping[str, Deliverer]

    def deliver(self, at: datetime) -> Delivery:
        """Deliver what is due, at least once each. What one message does to its deliverer hinders no other message.

        The messages stay locked until their outcome is committed: a killed worker leaves them for the next one.
        """
        defects = []
        with self.work() as tx:
            messages = tx.outbox.take(at, BATCH)
            for message in messages:
                try:
                    self.deliverers.get(message.kind, _unknown)(message)
                except UnavailableError:
                    tx.outbox.failed(message.message_id, retry_at(message.attempts + 1, at))
                except Exception as error:  # noqa: BLE001 - told by whoever called
                    tx.outbox.failed(message.message_id, retry_at(message.attempts + 1, at))
                    defects.append(Defect(message, error))
                else:
                    tx.outbox.delivered(message.message_id)
            tx.commit()
        return Delivery(len(messages), tuple(defects))

    def record_lapsed_consents(self, at: datetime) -> int:
        """Write the event of consents that nobody used for six months; returns how many."""
        with self.work() as tx:
            lapsed = tx.consents.lapsed_unrecorded(at, BATCH)
            if lapsed:
                tx.audit.append(*(_lapsed(consent) for consent in lapsed), at=at)
            tx.commit()
        return len(lapsed)


def retry_at(attempts: int, at: datetime) -> datetime | None:
    """When to try again after this many failed attempts: twice as long each time; None: give up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return at + min(FIRST_RETRY * float(2 ** (attempts - 1)), LONGEST_RETRY)


def _unknown(message: OutboxMessage) -> None:
    """A kind that a newer release writes: its worker may come later."""
    raise UnavailableError(f"nothing here delivers {message.kind}")


def _lapsed(consent: Consent) -> ConsentLapsed:
    return ConsentLapsed(
        represented=consent.subject,
        client_id=consent.client_id,
        resource=consent.resource,
        evidence={"consent": str(consent.consent_id), "until": consent.until.isoformat()},
    )
