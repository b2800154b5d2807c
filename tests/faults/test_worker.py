"""`vad worker` as a process: it delivers, it dies without leaving anything half done, and it stops when told to."""

import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
import pytest

from tests.support.backroom import Backroom
from tests.support.frozen import frozen
from tests.support.own_stores import Stores
from tests.support.person import HENDRIK, Person
from tests.support.process_tree import waits_for_a_core
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.sandbox.child import Child, Program
from vad.sandbox.demo.configuration import DEFAULTS, PROJECT
from vad.sandbox.demo.programs import environment

pytestmark = pytest.mark.slow

LAB = "https://source.example"
_HOLD = 4711
"""The advisory lock by which a test holds a worker in the middle of its work."""
_PATIENCE = 30.0
_STOPS = 2.0
"""Seconds within which a worker ends once it is told to, without those that its threads waited for a core."""
_GIVES_UP = 10.0
"""The same of one that waits for a store that hangs."""
Start = Callable[..., Child]


@pytest.fixture
def start(vad_town: Town, stores: Stores, tmp_path: Path) -> Iterator[Start]:
    """Start workers as `vad demo` does; what still runs at the end is stopped."""
    with starting(vad_town, tmp_path) as begin:
        yield begin


@contextmanager
def starting(town: Town, place: Path) -> Iterator[Start]:
    """Start workers inside the block."""
    workers: list[Child] = []

    def begin(**settings: str) -> Child:
        worker = Child(
            Program(
                arguments=(sys.executable, "-c", "from vad.cli.main import main; main()", "worker"),
                log=place / f"worker-{len(workers)}.log",
                environment=environment((DEFAULTS, town.state.configuration)) | settings,
                directory=PROJECT,
            )
        )
        workers.append(worker)
        return worker

    try:
        yield begin
    finally:
        for worker in workers:
            worker.stop(2.0)


@pytest.fixture(autouse=True)
def empty_outbox(backroom: Backroom) -> Iterator[None]:
    """Begin and end with nothing to deliver."""
    backroom.ask("DELETE FROM outbox")
    yield
    backroom.ask("DELETE FROM outbox")


def wait(worker: Child, until: Callable[[], bool]) -> None:
    """Wait for something that the worker does; it must stay alive meanwhile."""
    deadline = time.monotonic() + _PATIENCE
    while not until():
        assert not worker.wait(0.02), worker.last_words()
        assert time.monotonic() < deadline, worker.last_words()


def wait_until_ready(worker: Child) -> None:
    """Wait until it says so."""
    wait(worker, lambda: "worker_ready" in worker.log.read_text())


def ends_in_time(worker: Child, seconds: float = _STOPS) -> bool:
    """Whether it does, now that it has been told to."""
    told, before = time.monotonic(), waits_for_a_core(worker.pid)
    waited = dict(before)
    while not worker.wait(0.02):
        waited |= waits_for_a_core(worker.pid)
        if time.monotonic() - told - (sum(waited.values()) - sum(before.values())) > seconds:
            return False
    return True


def lines(worker: Child, event: str) -> list[dict[str, str]]:
    """What the worker's log says of this event: one JSON object per line, without exception."""
    written = worker.log.read_text().rpartition("\n")[0].splitlines()
    return [found for line in written if (found := json.loads(line))["event"] == event]


def alerts(worker: Child) -> list[dict[str, str]]:
    """The security alerts in the worker's log."""
    return lines(worker, "security_alert")


def waiting(backroom: Backroom) -> int:
    """How many messages are to be delivered."""
    return int(backroom.ask("SELECT count(*) FROM outbox")[0][0])


def fill(backroom: Backroom, number: int) -> None:
    """Put alerts into the outbox."""
    backroom.ask(
        "INSERT INTO outbox (message_id, kind, payload, created_at, due_at)"
        " SELECT gen_random_uuid(), 'security-alert', '{\"reason\": \"test\"}', now(), now()"
        " FROM generate_series(1, %s)",
        number,
    )


@contextmanager
def held_after_delivery(backroom: Backroom) -> Iterator[None]:
    """Hold every worker at the point where it has delivered, and has not yet said so."""
    url = backroom.town.database.superuser_url.replace("+psycopg2", "", 1)
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", (_HOLD,))
            cursor.execute(
                "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS"
                f" 'BEGIN PERFORM pg_advisory_xact_lock({_HOLD}); RETURN NULL; END'"
            )
            cursor.execute("CREATE TRIGGER hold AFTER DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION hold()")
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (_HOLD,))
                cursor.execute("DROP TRIGGER hold ON outbox")
                cursor.execute("DROP FUNCTION hold()")


def test_a_killed_worker_leaves_nothing_half_done(start: Start, backroom: Backroom) -> None:
    """Killed between delivering and saying so: every message is still there, and the next worker goes on."""
    fill(backroom, 120)
    with held_after_delivery(backroom):
        worker = start()
        blocked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
        wait(worker, lambda: backroom.ask(blocked, _HOLD)[0][0] > 0)
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.wait(2.0)
        assert waiting(backroom) == 120
    following = start()
    wait(following, lambda: waiting(backroom) == 0)
    assert len({alert["message_id"] for alert in alerts(following)}) == 120


def test_two_workers_share_the_work(start: Start, rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Any number may run at once: each message is delivered by one of them, once, and each lapsed consent told once.

    Told to stop, by either signal, they end in time and with a good status.
    """
    person.authorize(rp.ask(resources=(LAB,), scope="openid 51"), HENDRIK, duration="until_stopped")
    backroom.ask("UPDATE consents SET given_at = now() - interval '200 days', until = now() - interval '1 second'")
    workers = [start(), start()]
    for worker in workers:
        wait_until_ready(worker)
        wait(worker, lambda: len(backroom.events("consent.lapsed")) > 0)
    fill(backroom, 300)
    wait(workers[0], lambda: waiting(backroom) == 0)
    for worker, number in zip(workers, (signal.SIGTERM, signal.SIGINT), strict=True):
        worker.signal(number)
        assert ends_in_time(worker)
        worker.stop()
        assert worker.status == 0
    delivered = Counter(alert["message_id"] for worker in workers for alert in alerts(worker))
    assert len(delivered) == 300
    assert set(delivered.values()) == {1}
    assert len(backroom.events("consent.lapsed")) == 1
    backroom.forget_consents()


def test_it_outlives_a_store_that_is_away_or_hangs(start: Start, stores: Stores, backroom: Backroom) -> None:
    """PostgreSQL away, and then silent: each part of the worker gives up waiting, and delivers when it is back.

    One that is told to stop meanwhile ends in time, whatever it waits for.
    """
    worker, second = start(), start()
    for each in (worker, second):
        wait_until_ready(each)
    stores.postgres.stop()
    second.signal(signal.SIGTERM)
    assert ends_in_time(second)
    stores.postgres.start()
    fill(backroom, 3)
    wait(worker, lambda: waiting(backroom) == 0)
    assert len(alerts(worker)) == 3
    third = start()
    wait_until_ready(third)
    told = len(lines(worker, "worker_waits"))
    with frozen(stores.postgres.pid):
        wait(worker, lambda: len(lines(worker, "worker_waits")) > told)
        third.signal(signal.SIGTERM)
        assert ends_in_time(third, _GIVES_UP)
    fill(backroom, 3)
    wait(worker, lambda: waiting(backroom) == 0)
    assert sum(len(alerts(each)) for each in (worker, third)) == 6


def test_without_a_database_it_says_so_in_one_line(start: Start, stores: Stores, backroom: Backroom) -> None:
    """A worker that can't start ends with one clear line and a bad exit status; its password is not in it."""
    stores.postgres.stop()
    worker = start()
    assert worker.wait(_PATIENCE)
    worker.stop()
    assert worker.status == 1
    (line,) = worker.last_words()
    assert line.startswith("Error: PostgreSQL")
    stores.postgres.start()
