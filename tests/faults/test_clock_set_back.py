"""The clock of the worker is set back and forth: the log stays one and whole, and no chore waits for the old time."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from tests.support.backroom import Backroom
from tests.support.database import FreshDatabase, Server, ask, new_database
from vad.adapters.heartbeat import Heartbeat
from vad.adapters.metrics import Metrics
from vad.adapters.postgres.audit_months import AuditMonths, ahead
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.directory import PublishedDirectory
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.cli import worker
from vad.cli.worker_sealing import sealing
from vad.services.log_keeping import LogKeeping
from vad.services.log_verifying import LogVerification, Trusted
from vad.services.upkeep import Upkeep

pytestmark = pytest.mark.slow

_INSERT = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    SELECT gen_random_uuid(), %s, 'login.succeeded', 'success', '{}' FROM generate_series(1, 40)
"""
_JUMPS = (timedelta(), timedelta(hours=-3), timedelta(days=-400), timedelta(days=200), timedelta(seconds=-1))
_PATIENCE = 30.0


@contextmanager
def clock_off_by(off: timedelta) -> Iterator[None]:
    """Let the clock of this process be that much wrong, and go on ticking; PostgreSQL's is right."""
    with time_machine.travel(datetime.now(UTC) + off, tick=True):
        yield


def wait(until: Callable[[], bool]) -> None:
    """Wait for something that a thread does."""
    deadline = time.monotonic() + _PATIENCE
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def fresh(postgres: Server, migrated_template: str) -> Iterator[FreshDatabase]:
    """Give a database with an empty log."""
    with new_database(postgres, migrated_template) as made:
        yield made


def test_sealing_goes_on_whatever_the_clock_says(fresh: FreshDatabase, tmp_path: Path) -> None:
    """Events of months that are past, and of one that has no partition yet: each is sealed once, in one history."""
    key = CheckpointKey.from_text(CheckpointKey.generate_text("log.example/log"))
    outside, database, sealer = PublishedDirectory(tmp_path), Database(fresh.migrate_url), Database(fresh.worker_url)
    keep = AuditMonths(sealer)

    def size() -> int:
        newest = outside.latest()
        return newest.checkpoint.size if newest else 0

    with sealing(LogKeeping(PostgresSealedLog(sealer), key, outside), Metrics()):
        for number, jump in enumerate(_JUMPS, 1):
            with clock_off_by(jump):
                ask(fresh.app_url, _INSERT, (datetime.now(UTC),))
                wait(lambda number=number: size() == 40 * number)  # type: ignore[misc]
                keep(datetime.now(UTC))
    with Transaction(database) as transaction:
        newest = outside.latest()
        assert newest is not None
        trusted = Trusted([key.verifier], verify, [newest], None, outside.tile)
        report = LogVerification(PostgresLogReader(transaction), trusted, lambda *_: None).run()
    assert (report.trouble, report.checked) == (0, 40 * len(_JUMPS))
    assert ahead(database) == (2, 80), "those of the two months without a partition lie with the rest, and are told"
    database.close()
    sealer.close()


def test_chores_do_not_wait_for_the_old_time(backroom: Backroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that began with a clock of next year, which was set right then, does its chores when they are due."""
    done: list[datetime] = []

    def chore(at: datetime) -> int:
        done.append(at)
        return 0

    def told_to_stop(pause: float) -> bool:
        time.sleep(min(pause, 0.01))
        if len(done) == 1:
            off.close()
        return len(done) == 3

    monkeypatch.setattr(worker, "_SLOW_JOBS", 0.05)
    upkeep = Upkeep(backroom.worker.work, {}, time.monotonic, chores=(chore,))
    with ExitStack() as off:
        off.enter_context(clock_off_by(timedelta(days=365)))
        worker._go_round(upkeep, Metrics(), Heartbeat(60.0), told_to_stop)  # noqa: SLF001 - the round itself
    first, second, third = done
    assert first - second > timedelta(days=364)
    assert third > second
