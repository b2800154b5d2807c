"""Who may do what to the tree of the log: whoever breaks into the pages can neither fake what is sealed nor stop it."""

from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest

from tests.adapters.postgres.kept_log import Kept, kept
from tests.adapters.postgres.postgres_records import AT
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.log_state import log_state

__all__ = ["kept"]

_EVENT = "INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence) VALUES (%s, %s, %s, 'success', %s)"
_ONLY_THE_WORKER = (
    "INSERT INTO log_leaves VALUES (300, gen_random_uuid(), now(), sha256(''))",
    "INSERT INTO log_tiles VALUES (7, 0, convert_to(repeat('0', 8192), 'UTF8'))",
    "INSERT INTO log_checkpoints SELECT size + 1, root, note, signed_at, settled_before, cluster FROM log_checkpoints",
    "SELECT FROM log_sealer FOR UPDATE",
    "BEGIN; LOCK TABLE log_sealer IN ACCESS SHARE MODE",
    "SELECT keep_audit_months(current_date, current_date)",
    "SELECT thin_log_checkpoints()",
    "SELECT forget_cases(now())",
)
_NOBODY = (
    "INSERT INTO audit_events (event_id, recorded_at, txid, type, outcome) SELECT NULL, NULL, '5', '', ''",
    "INSERT INTO audit_events_default (event_id, recorded_at, type, outcome, evidence) SELECT NULL, NULL, '', '', '{}'",
    "INSERT INTO log_purges VALUES ('2020-01-01', 1, sha256(''), gen_random_uuid(), now())",
    "INSERT INTO log_thinnings VALUES ('2020-01-01', '{}', 0, gen_random_uuid())",
    "DELETE FROM log_checkpoints",
    "DELETE FROM audit_erasable",
    "DELETE FROM log_sealer",
    "INSERT INTO log_sealer DEFAULT VALUES",
)


def _refused(url: str, statement: str) -> None:
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(url, statement)


def test_the_worker_alone_seals(kept: Kept) -> None:
    """Neither the role of the service nor that of the pages for staff adds to the tree, or holds whoever does.

    And none of the three says of which transaction an event is, by which the sealer finds it.
    """
    database = kept.database
    for url in (database.app_url, database.admin_url):
        for statement in (*_ONLY_THE_WORKER, *_NOBODY):
            _refused(url, statement)
    for statement in _NOBODY:
        _refused(database.worker_url, statement)
    assert kept.verify().trouble == 0


def test_nobody_but_the_worker_holds_up_the_sealing(kept: Kept) -> None:
    """Locks that everybody who can log in may take, by name or by number, are not the sealer's; nor is a name taken."""
    with closing(psycopg2.connect(kept.database.app_url.replace("+psycopg2", ""))) as other:
        other.autocommit = True  # no transaction of its own: that of an event is waited for, as it must be
        with other.cursor() as cursor:
            for name in ("seal_log", "keep_audit_months"):
                cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (name,))
            for table in ("log_leaves", "log_tiles", "log_checkpoints"):
                cursor.execute(f"BEGIN; LOCK TABLE {table} IN ACCESS SHARE MODE")
            _write(kept.database, uuid4())
            kept.seal()
            _months(kept.database)
    assert kept.verify().size == 301


def _months(database: FreshDatabase) -> None:
    with closing(psycopg2.connect(database.worker_url.replace("+psycopg2", ""))) as mine, mine.cursor() as cursor:
        cursor.execute("SELECT to_char(current_date + 300, 'audit_events_YYYY_MM')")
        [[name]] = cursor.fetchall()
        cursor.execute(f"CREATE TEMP TABLE {name} ()")
        cursor.execute("SELECT keep_audit_months(current_date + 300, current_date + 300)")
        assert cursor.fetchall() == [(2,)]


def _write(database: FreshDatabase, event: UUID, evidence: str = "{}", **more: Any) -> None:
    ask(database.app_url, _EVENT, (str(event), more.get("at", AT), more.get("type", "login.succeeded"), evidence))


def test_whatever_can_be_written_is_sealed(kept: Kept) -> None:
    """Two events of one id, numbers and depths that a reader chokes on, the ends of time: each becomes a leaf."""
    twice = uuid4()
    with closing(psycopg2.connect(kept.database.app_url.replace("+psycopg2", ""))) as writing:
        with writing.cursor() as cursor:
            for at in ("2026-11-21 09:00Z", "2026-11-21 10:00Z"):
                cursor.execute(_EVENT, (str(twice), at, "x", "{}"))
        writing.commit()
    kept.seal()
    _write(kept.database, twice, at="2026-11-21 11:00Z")
    for evidence in (
        '{"n": ' + "9" * 5_000 + "}",
        "[" * 2_000 + "]" * 2_000,
        '{"n": 1e-300}',
        '"\\ud83d\\ude00\\uffff"',
        '"' + "x" * 65_000 + '"',
    ):
        _write(kept.database, uuid4(), evidence)
    for at in ("0001-01-01 00:00Z", "9999-12-31 23:59:59.999999Z"):
        _write(kept.database, uuid4(), at=at)
    kept.seal()
    report = kept.verify()
    assert (report.trouble, report.size, report.checked) == (0, 310, 310)
    assert log_state(kept.connections).waiting == 0.0


@pytest.mark.parametrize(
    ("evidence", "more"),
    [
        ('"' + "x" * 65_536 + '"', {}),
        ("{}", {"type": "x" * 65_536}),
        ("{}", {"at": "infinity"}),
        ("{}", {"at": "-infinity"}),
        ("{}", {"at": "10000-01-01 00:00Z"}),
    ],
)
def test_what_could_not_be_sealed_can_not_be_written(database: FreshDatabase, evidence: str, more: Any) -> None:
    """An event larger than a worker may hold many of, or of a time that has no text of its own."""
    with pytest.raises(psycopg2.errors.CheckViolation):
        _write(database, uuid4(), evidence, **more)
