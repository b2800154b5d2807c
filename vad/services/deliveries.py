"""One round of deliveries from the outbox: several at once, so that no slow receiver holds up the others."""

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Protocol

from vad.domain.errors import UnavailableError, VadError
from vad.services.ports.outbox import OutboxMessage
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory

BATCH = 50
PARALLEL = 8
PER_DESTINATION = 2
"""How many of one kind to one app may be under way at once: an app that hangs never holds every hand."""
LONGEST_ROUND = 1.0
"""Seconds in which deliveries begin. The last one takes as long as its deliverer allows itself."""
MOST_ATTEMPTS = 12
"""Some hours. `patience` says of which kinds it takes longer until nobody tries any more."""
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
_DOUBLINGS = 12
"""After these the longest wait is reached."""


class UndeliverableError(VadError):
    """The receiver has said that it will never take this message."""


class Deliverer(Protocol):
    """Delivers messages of one kind, within a few seconds: a transaction is open meanwhile.

    Raises `UnavailableError` when trying again later may help, `UndeliverableError` when it won't. Any other exception
    is a defect: the message waits as long, and an operator must look.
    """

    def __call__(self, message: OutboxMessage, at: datetime, /) -> None:
        """Deliver this message, at this time."""


class DeliveryOutcome(StrEnum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    RETRIED = "retried"
    """Not delivered; it waits for its next attempt."""
    GIVEN_UP = "given_up"
    """Not delivered, and not tried again: an operator must look."""


class DeliveryObserver(Protocol):
    """Hears of every attempt, to count it."""

    def __call__(self, message: OutboxMessage, outcome: DeliveryOutcome, /) -> None:
        """Take note. Raises nothing."""


@dataclass(frozen=True, slots=True)
class Defect:
    """A message whose delivery ended in an exception that nobody foresaw."""

    message: OutboxMessage
    error: Exception


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one round."""

    taken: int
    defects: tuple[Defect, ...] = ()


@dataclass
class Round:
    """One round. Every message has a transaction of its own, which holds it until its outcome is committed.

    So a worker that is killed leaves what it had not finished to the next one, at once.
    """

    work: UnitOfWorkFactory
    deliverers: Mapping[str, Deliverer]
    observe: DeliveryObserver
    stopwatch: Callable[[], float]
    at: datetime
    patience: Mapping[str, int] = field(default_factory=dict)
    _taken: int = 0
    _defects: list[Defect] = field(default_factory=list)
    _busy: Counter[str] = field(default_factory=Counter)
    _hands: list[Future[None]] = field(default_factory=list)
    _choosing: Lock = field(default_factory=Lock)

    def run(self) -> Delivery:
        """Deliver what is due. Raises what PostgreSQL's being away raises, once every hand has stopped."""
        self._until = self.stopwatch() + LONGEST_ROUND
        with ThreadPoolExecutor(PARALLEL) as pool:
            self._pool = pool
            self._one_more_hand()
            for hand in self._hands:  # grows meanwhile: a hand that finds work calls for another
                hand.result()
        return Delivery(self._taken, tuple(self._defects))

    def _one_more_hand(self) -> None:
        if len(self._hands) < PARALLEL:
            self._hands.append(self._pool.submit(self._work))

    def _work(self) -> None:
        while self._next():
            pass

    def _next(self) -> bool:
        """Take one message and deliver it; False when there is nothing (more) to do."""
        with self.work() as tx:
            with self._choosing:
                if self._taken >= BATCH or self.stopwatch() >= self._until:
                    return False
                full = [name for name, number in self._busy.items() if number >= PER_DESTINATION]
                found = tx.outbox.take(self.at, 1, full)
                if not found:
                    return False
                (message,) = found
                self._taken += 1
                self._busy[message.destination] += 1
                self._one_more_hand()
            try:
                outcome = self._deliver(tx, message)
            finally:
                with self._choosing:
                    self._busy[message.destination] -= 1
            tx.commit()
        self.observe(message, outcome)
        return True

    def _deliver(self, tx: UnitOfWork, message: OutboxMessage) -> DeliveryOutcome:
        most = self.patience.get(message.kind, MOST_ATTEMPTS)
        retry: datetime | None = retry_at(message.attempts + 1, self.at, most)
        try:
            self.deliverers.get(message.kind, _unknown)(message, self.at)
        except UnavailableError:
            pass
        except UndeliverableError:
            retry = None
        except Exception as error:  # noqa: BLE001 - told by whoever called
            self._defects.append(Defect(message, error))
        else:
            tx.outbox.delivered(message.message_id)
            return DeliveryOutcome.DELIVERED
        tx.outbox.failed(message.message_id, retry)
        return DeliveryOutcome.GIVEN_UP if retry is None else DeliveryOutcome.RETRIED


def retry_at(attempts: int, at: datetime, most: int = MOST_ATTEMPTS) -> datetime | None:
    """When to try again after this many failed attempts: twice as long each time; None: give up."""
    if attempts >= most:
        return None
    return at + min(FIRST_RETRY * float(2 ** min(attempts - 1, _DOUBLINGS)), LONGEST_RETRY)


def nobody(_message: OutboxMessage, _outcome: DeliveryOutcome) -> None:
    """Count nothing."""


def _unknown(message: OutboxMessage, _at: datetime) -> None:
    """A kind that a newer release writes: its worker may come later."""
    raise UnavailableError(f"nothing here delivers {message.kind}")
