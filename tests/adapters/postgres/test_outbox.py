"""The outbox: at least once, by any number of workers, and only if its cause committed."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg2
import pytest

from tests.adapters.postgres.postgres_records import AT
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.services.ports.outbox import OutboxMessage


@pytest.fixture
def work(worker_work: PostgresWork) -> PostgresWork:
    """Give units of work of the role that takes messages out."""
    return worker_work


@pytest.fixture(autouse=True)
def _empty(database: FreshDatabase) -> Iterator[None]:
    yield
    ask(database.worker_url, "DELETE FROM outbox")


def _add(work: PostgresWork, *kinds: str) -> None:
    with work() as tx:
        for number, kind in enumerate(kinds):
            tx.outbox.add(kind, {"number": number}, AT + timedelta(seconds=number))
        tx.commit()


def _kinds(messages: tuple[OutboxMessage, ...]) -> list[str]:
    return [message.kind for message in messages]


def test_who_serves_people_takes_nothing_out(database: FreshDatabase, work: PostgresWork) -> None:
    """Whoever breaks in can't take back the alarm that tells of it, nor keep what people are told."""
    _add(work, "security-alert")
    for statement in ("DELETE FROM outbox", "UPDATE outbox SET due_at = 'infinity'", "SELECT FROM outbox FOR UPDATE"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(database.app_url, statement)


def test_due_messages_come_in_order_with_what_they_carry(work: PostgresWork) -> None:
    """What is not due yet stays; what is due comes oldest first, as many as asked for."""
    _add(work, "a", "b", "c")
    with work() as tx:
        taken = tx.outbox.take(AT + timedelta(seconds=1), limit=10)
        assert _kinds(taken) == ["a", "b"]
        assert [(dict(message.payload), message.attempts) for message in taken] == [
            ({"number": 0}, 0),
            ({"number": 1}, 0),
        ]
        assert _kinds(tx.outbox.take(AT + timedelta(days=1), limit=1)) == ["a"]


def test_workers_do_not_meet(work: PostgresWork) -> None:
    """What one worker holds another skips, without waiting; what it did not finish is free again."""
    _add(work, "a", "b", "c")
    with work() as first, work() as second:
        assert _kinds(first.outbox.take(AT + timedelta(days=1), limit=2)) == ["a", "b"]
        assert _kinds(second.outbox.take(AT + timedelta(days=1), limit=2)) == ["c"]
    with work() as third:
        assert _kinds(third.outbox.take(AT + timedelta(days=1), limit=5)) == ["a", "b", "c"]


def test_a_delivered_message_is_gone(work: PostgresWork, database: FreshDatabase) -> None:
    """Its payload may be personal: nothing of it is kept."""
    _add(work, "a")
    with work() as tx:
        for message in tx.outbox.take(AT, limit=1):
            tx.outbox.delivered(message.message_id)
        tx.commit()
    assert ask(database.worker_url, "SELECT count(*) FROM outbox") == [(0,)]


def test_a_failed_message_comes_back_when_told_or_waits_for_the_operator(
    work: PostgresWork, database: FreshDatabase
) -> None:
    """Each attempt is counted; a message that is given up is kept but never taken."""
    _add(work, "a")
    later = AT + timedelta(minutes=1)
    for at, retry_at, attempts in ((AT, later, 0), (later, None, 1)):
        with work() as tx:
            (message,) = tx.outbox.take(at, limit=5)
            assert message.attempts == attempts
            tx.outbox.failed(message.message_id, retry_at)
            tx.commit()
        with work() as tx:
            assert tx.outbox.take(at, limit=5) == ()
    assert ask(database.worker_url, "SELECT state, attempts FROM outbox") == [("given_up", 2)]


def test_a_message_falls_with_its_cause(work: PostgresWork, database: FreshDatabase) -> None:
    """A unit of work that does not commit sends nothing."""
    with work() as tx:
        tx.outbox.add("a", {}, AT)
    assert ask(database.worker_url, "SELECT count(*) FROM outbox") == [(0,)]
