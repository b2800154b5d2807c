"""A round of deliveries over a real outbox: a slow receiver holds up nobody but itself."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Lock

import pytest

from tests.adapters.postgres.postgres_records import AT
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.errors import UnavailableError
from vad.services.deliveries import (
    BATCH,
    LONGEST_ROUND,
    MOST_ATTEMPTS,
    PER_DESTINATION,
    DeliveryOutcome,
    UndeliverableError,
)
from vad.services.ports.outbox import Backlog, OutboxMessage
from vad.services.upkeep import Upkeep

SLOW = 0.7


class Receivers:
    """Deliver as the payload says, and write down what happened."""

    def __init__(self) -> None:
        self.done: dict[str, list[float]] = {}
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.outcomes: list[tuple[str, DeliveryOutcome]] = []
        self._lock = Lock()
        self._began = time.monotonic()

    def __call__(self, message: OutboxMessage, _at: datetime) -> None:
        """Deliver."""
        name = str(message.payload["client_id"])
        with self._lock:
            self.under_way[name] += 1
            self.most[name] = max(self.most[name], self.under_way[name])
        try:
            if name == "slow":
                time.sleep(SLOW)
            if name == "away":
                raise UnavailableError("away")
            if name == "never":
                raise UndeliverableError("never")
        finally:
            with self._lock:
                self.under_way[name] -= 1
                self.done.setdefault(name, []).append(time.monotonic() - self._began)

    def observe(self, message: OutboxMessage, outcome: DeliveryOutcome) -> None:
        """Take note."""
        self.outcomes.append((str(message.payload["client_id"]), outcome))


@pytest.fixture
def work(worker_work: PostgresWork) -> PostgresWork:
    """Give units of work of the role that takes messages out."""
    return worker_work


@pytest.fixture(autouse=True)
def _empty(database: FreshDatabase) -> Iterator[None]:
    yield
    ask(database.worker_url, "DELETE FROM outbox")


def _add(work: PostgresWork, *names: str) -> None:
    with work() as tx:
        for name in names:
            tx.outbox.add("note", {"client_id": name}, AT)
        tx.commit()


def test_a_slow_receiver_holds_up_nobody_else(work: PostgresWork) -> None:
    """Twenty messages to one that hangs come first: the others get theirs at once, and the round ends in time."""
    _add(work, *["slow"] * 20)
    _add(work, *["quick"] * 10)
    receivers, began = Receivers(), time.monotonic()
    taken = Upkeep(work, {"note": receivers}, time.monotonic).deliver(AT + timedelta(seconds=1)).taken
    took = time.monotonic() - began
    assert len(receivers.done["quick"]) == 10
    assert max(receivers.done["quick"]) < SLOW
    assert receivers.most["slow"] == PER_DESTINATION
    assert taken == 10 + len(receivers.done["slow"])
    assert took < LONGEST_ROUND + 2 * SLOW + 1


def test_each_outcome_is_told_and_kept(work: PostgresWork) -> None:
    """Delivered is gone, away waits, never is kept for an operator; who counts hears of each."""
    _add(work, "quick", "away", "never")
    receivers = Receivers()
    worker = Upkeep(work, {"note": receivers}, time.monotonic, receivers.observe)
    assert worker.deliver(AT).taken == 3
    assert sorted(receivers.outcomes) == [
        ("away", DeliveryOutcome.RETRIED),
        ("never", DeliveryOutcome.GIVEN_UP),
        ("quick", DeliveryOutcome.DELIVERED),
    ]
    assert worker.backlog() == (Backlog("note", waiting=1, given_up=1),)


def test_the_last_attempt_is_the_last(work: PostgresWork) -> None:
    """After enough attempts a message is given up, some hours after the first."""
    _add(work, "away")
    receivers, at = Receivers(), AT
    worker = Upkeep(work, {"note": receivers}, time.monotonic, receivers.observe)
    for _ in range(MOST_ATTEMPTS):
        assert worker.deliver(at).taken == 1
        at += timedelta(hours=1)
    assert worker.deliver(at + timedelta(days=1)).taken == 0
    assert receivers.outcomes[-1] == ("away", DeliveryOutcome.GIVEN_UP)
    assert worker.backlog() == (Backlog("note", waiting=0, given_up=1),)


def test_some_kinds_are_tried_for_longer(work: PostgresWork, database: FreshDatabase) -> None:
    """As nobody delivers them: they wait, and what waits for too long is given up for all to see."""
    _add(work, "letter")
    ask(database.worker_url, "UPDATE outbox SET attempts = %s", (MOST_ATTEMPTS + 5,))
    outcomes = Receivers()
    patient = Upkeep(work, {}, time.monotonic, outcomes.observe, patience={"note": MOST_ATTEMPTS + 7})
    at = AT
    for _ in range(2):
        assert patient.deliver(at).taken == 1
        assert patient.deliver(at + timedelta(minutes=59)).taken == 0
        at += timedelta(hours=1)
    assert [outcome for _, outcome in outcomes.outcomes] == [DeliveryOutcome.RETRIED, DeliveryOutcome.GIVEN_UP]
    assert patient.backlog() == (Backlog("note", waiting=0, given_up=1),)


def test_a_round_is_bounded(work: PostgresWork) -> None:
    """No round takes more than its share, so that the worker looks up in between."""
    _add(work, *["quick"] * (BATCH + 5))
    worker = Upkeep(work, {"note": Receivers()}, time.monotonic)
    assert worker.deliver(AT).taken == BATCH
    assert worker.deliver(AT).taken == 5
