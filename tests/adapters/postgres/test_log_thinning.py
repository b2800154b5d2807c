"""Checkpoints are thinned to one an hour, by the database itself: what has to stay nobody drops, or it is found."""

from datetime import UTC, datetime, timedelta
from random import Random

import psycopg2
import pytest

from tests.adapters.postgres.kept_log import KEY, Kept, kept, signing
from tests.adapters.postgres.test_log_sealer import write
from tests.support.database import ask
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.postgres.log_state import log_state
from vad.adapters.postgres.log_thinning import CheckpointThinning, lacking
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.ed25519 import verify
from vad.domain.checkpoint import Checkpoint, SignedCheckpoint
from vad.domain.log_tiles import WIDTH
from vad.services import log_verifying
from vad.services.log_report import Fault, Found
from vad.services.log_verifying import LogVerification, Trusted

__all__ = ["kept"]

Row = tuple[int, datetime]
_CHECKPOINTS = "SELECT size, signed_at FROM log_checkpoints ORDER BY size"
_HOUR = "SELECT max(size) FROM log_checkpoints WHERE signed_at < now() - interval '3 days' AND size {} GROUP BY {}"
_TOLD = "SELECT sum((evidence ->> 'dropped')::int) FROM audit_events WHERE type = 'log.thinned'"
_DROP = "DELETE FROM log_checkpoints WHERE size = {}"
_AGAIN = """
    INSERT INTO log_checkpoints SELECT size + {}, root, note, signed_at, '1', 1 FROM log_checkpoints WHERE size = {}
"""
_LAUNDER = """
    INSERT INTO log_thinnings SELECT now(), array_agg(size), 1, gen_random_uuid() FROM log_checkpoints
"""
_CHANGE = "UPDATE log_thinnings SET kept = kept[2:] WHERE hour = (SELECT min(hour) FROM log_thinnings)"
_WITNESSED = """
    WITH told AS (
        INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
        SELECT gen_random_uuid(), {0}, 'log.thinned', 'success', jsonb_build_object(
            'hour', date_trunc('hour', signed_at, 'UTC'), 'kept', ARRAY[size], 'dropped', 1
        ) FROM log_checkpoints WHERE size = {1} RETURNING event_id, evidence
    )
    INSERT INTO log_thinnings SELECT (evidence ->> 'hour')::timestamptz, ARRAY[{1}], 1, event_id FROM told
"""
"""The row and the event that say so, by whoever owns the database."""
_PUT_BACK = "DELETE FROM {0}; INSERT INTO {0} SELECT * FROM saved_{0}"
_FORGED = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    SELECT gen_random_uuid(), now(), 'log.thinned', 'success',
        '{"hour": "2026-01-01T00:00:00+00:00", "kept": [1], "dropped": 0}'
"""


def ago(**some: float) -> datetime:
    """A moment so long ago."""
    return datetime.now(UTC) - timedelta(**some)


def hour(at: datetime) -> datetime:
    """The hour that it is in."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def rows(log: Kept) -> list[Row]:
    """Each checkpoint that is there."""
    return [(size, at) for size, at in ask(log.database.app_url, _CHECKPOINTS)]


def sealed_at(log: Kept, *moments: datetime) -> None:
    """Write an event at each of these moments, and seal it then."""
    sealer = PostgresSealedLog(log.sealing)
    for at in moments:
        write(log.database, 1, at)
        assert sealer.seal(log.key, at).added == 1


def thin(log: Kept) -> int:
    """Do what the worker does; how many hours."""
    chore, hours = CheckpointThinning(log.sealing), 0
    while chore(ago()):
        hours += 1
    return hours


@pytest.fixture
def spread(kept: Kept) -> Kept:
    """Give a log of which checkpoints were signed at many times of some days, and lately; its clock was set back."""
    chance = Random(4)  # noqa: S311 - any will do; the same each time
    moments = sorted(ago(days=6) + timedelta(hours=chance.uniform(0, 40)) for _ in range(90))
    for at in (25, 60, 80):
        moments[at] -= timedelta(hours=chance.uniform(0.3, 30))
    midnight = hour(ago(days=4)).replace(hour=0)
    # A second is repeated, as clocks do at midnight: what came after the first midnight stands before it.
    again = [midnight + timedelta(seconds=seconds) for seconds in (-2, 0.1, -0.5, 3)]
    sealed_at(kept, *moments, *again, *(ago(minutes=minutes) for minutes in (9, 8, 7)))
    return kept


def test_one_an_hour_stays_and_the_log_is_whole(spread: Kept) -> None:
    """Whatever times they were signed at: every hour with a checkpoint has one, and so has all that is new."""
    before = rows(spread)
    lately = {row for row in before if row[1] > ago(days=1)}
    assert len(lately) == 3
    assert thin(spread) == len({hour(at) for _, at in set(before) - lately})
    after = rows(spread)
    newest = {hour(at): size for size, at in before}
    assert {size for size, _ in after} >= set(newest.values())
    assert {hour(at) for _, at in after} == newest.keys()
    assert lately <= set(after)
    assert len(after) < len(before) / 2
    assert ask(spread.database.app_url, _TOLD) == [(len(before) - len(after),)]
    assert (thin(spread), rows(spread)) == (0, after), "what was thinned is left as it is"
    assert (lacking(spread.connections), log_state(spread.sealing).unthinned) == (None, 0.0)
    for _ in range(2):
        report = spread.verify(outside=spread.notes)
        assert report.found == []
        spread.seal()
    assert spread.notes[0].checkpoint.size not in {size for size, _ in after}
    assert spread.verify(start=spread.notes[0], part=True).trouble == 0


def test_who_verifies_meanwhile_sees_one_moment(spread: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verification takes minutes, and the worker thins when it likes: that is no fault."""
    monkeypatch.setattr(log_verifying, "PIECE", WIDTH)
    thinned: list[int] = []
    trusted = Trusted([spread.key.verifier], verify)
    with Transaction(spread.connections) as transaction:
        log = PostgresLogReader(transaction)
        report = LogVerification(log, trusted, lambda *_: thinned.append(thin(spread))).run()
    assert thinned[0] > 10
    assert report.found == []
    assert spread.verify().found == []


def test_nobody_drops_what_has_to_stay(spread: Kept) -> None:
    """Nor changes any, or goes round the rule; the owner of the tables and a superuser no more than the others."""
    [[last]] = ask(spread.database.app_url, _HOUR.format("> 305", "date_trunc('hour', signed_at, 'UTC') LIMIT 1"))
    newest, recent = (size for size, _ in rows(spread)[:-3:-1])
    statements = [_DROP.format(size) for size in (newest, recent, last)]
    statements += [_DROP.replace("=", "<=").format(last), "DELETE FROM log_checkpoints"]
    statements += ["UPDATE log_checkpoints SET signed_at = signed_at", "TRUNCATE log_checkpoints"]
    for url in (spread.database.worker_url, spread.database.migrate_url, spread.database.superuser_url):
        for statement in statements:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                ask(url, statement)
    thin(spread)
    for number in range(2):  # two of one hour, of an hour that was thinned
        ask(spread.database.migrate_url, _AGAIN.format(1000 + number, last))
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(spread.database.migrate_url, _DROP.format(last + 1000))


def test_an_hour_of_which_one_is_gone_is_left_as_it_is(spread: Kept) -> None:
    """Whoever verifies would no longer see it: now it is named, and nothing that tells of it is dropped."""
    [[gone]] = ask(spread.database.app_url, "SELECT min(size) FROM log_checkpoints WHERE size > 305")
    spread.tamper(_DROP.format(gone))
    before = rows(spread)
    begun = hour(next(at for size, at in before if size > gone))
    thin(spread)
    assert lacking(spread.connections) == gone, "and that nothing is dropped any more, the doctor and an alert tell"
    assert log_state(spread.sealing).unthinned > 86_400
    assert [row for row in rows(spread) if row[1] >= begun] == [row for row in before if row[1] >= begun]
    found = spread.verify().found
    assert found == [Found(gone - 1, Fault.MISSING, f"the checkpoint of {gone} events is gone")]


def test_what_was_done_to_a_thinned_log_is_found(spread: Kept) -> None:
    """One that should be there, old or new; what says which those are; a word that VAD did not say; two histories."""
    old, dropped = spread.notes[2], Checkpoint("log.example/log", 259, b"\1" * 32)
    thin(spread)
    spread.seal()
    url = spread.database.superuser_url
    for table in ("log_checkpoints", "log_thinnings"):
        ask(url, f"CREATE TABLE saved_{table} AS SELECT * FROM {table}")  # noqa: S608 - ours
    [[stays]] = ask(url, _HOUR.format("> 305", "date_trunc('hour', signed_at, 'UTC') LIMIT 1"))
    [[recent]] = ask(url, "SELECT size FROM log_checkpoints ORDER BY size DESC LIMIT 1 OFFSET 2")
    tampering: list[tuple[list[str], set[Fault]]] = [
        ([_DROP.format(stays)], {Fault.MISSING}),
        ([_DROP.format(recent)], {Fault.MISSING}),
        ([_DROP.format(recent), _LAUNDER], {Fault.MISSING, Fault.CHANGED}),
        (["DELETE FROM log_thinnings"], {Fault.MISSING}),  # the first twenty of all that no longer has a reason
        ([_CHANGE], {Fault.CHANGED, Fault.MISSING}),
    ]
    for statements, faults in tampering:
        spread.tamper(*statements)
        assert {each.fault for each in spread.verify(outside=spread.notes).found} == faults, statements
        spread.tamper(*(_PUT_BACK.format(table) for table in ("log_checkpoints", "log_thinnings")))
        assert spread.verify(outside=spread.notes).trouble == 0
    second = SignedCheckpoint.make(dropped, *signing(KEY))
    assert {each.fault for each in spread.verify(outside=[old, second]).found} == {Fault.CONTRADICTED}
    ask(spread.database.app_url, _FORGED)
    assert [each.fault for each in spread.verify().found] == [Fault.CHANGED]


@pytest.mark.parametrize(("told_at", "dropped", "stays"), [("now()", -2, -1), ("now() + interval '9 days'", -3, -2)])
def test_what_the_rule_does_not_allow_is_found(spread: Kept, told_at: str, dropped: int, stays: int) -> None:
    """Row and event agree and are sealed, and say that today was thinned; or days later, of no last of an hour."""
    url = spread.database.superuser_url
    thin(spread)
    ask(url, "SET timezone = 'UTC'; SELECT keep_audit_months(current_date, current_date + 40)")
    sizes = [size for size, _ in rows(spread)]
    spread.tamper(_DROP.format(sizes[dropped]))
    ask(url, "SET timezone = 'UTC'; " + _WITNESSED.format(told_at, sizes[stays]))
    spread.seal()
    assert {each.fault for each in spread.verify().found} == {Fault.CHANGED, Fault.MISSING}
