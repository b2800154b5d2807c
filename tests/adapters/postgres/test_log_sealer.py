"""Sealing: every event that has committed gets its one place in the tree, whoever writes, waits or dies meanwhile."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pymerkle
import pytest

from tests.adapters.postgres.postgres_records import AT
from tests.support.database import FreshDatabase, Server, ask, new_database
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.domain.errors import LogBrokenError
from vad.domain.log_tiles import TiledTree
from vad.domain.merkle import leaf_hash, root

_INSERT = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, evidence)
    SELECT gen_random_uuid(), %s, 'login.succeeded', 'success', jsonb_build_object('n', n)
    FROM generate_series(1, %s) AS n
"""
TABLES = ("log_leaves", "log_tiles", "log_checkpoints", "log_purges", "log_thinnings")


@pytest.fixture
def fresh(postgres: Server, migrated_template: str) -> Iterator[FreshDatabase]:
    """Give a database with an empty log."""
    with new_database(postgres, migrated_template) as made:
        yield made


@pytest.fixture(scope="module")
def key() -> CheckpointKey:
    """Give the key of the log."""
    return CheckpointKey.from_text(CheckpointKey.generate_text("log.example/log"))


def write(database: FreshDatabase, count: int = 1, at: datetime = AT) -> None:
    """Commit so many events at once."""
    ask(database.app_url, _INSERT, (at, count))


@contextmanager
def sealer(database: FreshDatabase) -> Iterator[PostgresSealedLog]:
    """Give what seals, as the worker has it."""
    opened = Database(database.worker_url)
    try:
        yield PostgresSealedLog(opened)
    finally:
        opened.close()


def seal(log: PostgresSealedLog, key: CheckpointKey) -> int:
    """Seal until nothing is left; return how many leaves were added."""
    added = 0
    while (turn := log.seal(key, AT)).added or turn.more:
        added += turn.added
    return added


def leaves(database: FreshDatabase) -> list[tuple[int, UUID, bytes]]:
    """Return every leaf in order."""
    rows = ask(database.app_url, "SELECT leaf_index, event_id::text, leaf_hash FROM log_leaves ORDER BY leaf_index")
    return [(index, UUID(event), bytes(leaf)) for index, event, leaf in rows]


@contextmanager
def by_force(database: FreshDatabase) -> Iterator[None]:
    """Let the owner of everything do what the triggers refuse."""
    for table in TABLES:
        ask(database.superuser_url, f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in TABLES:
        ask(database.superuser_url, f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_every_event_becomes_one_leaf_of_a_signed_tree(fresh: FreshDatabase, key: CheckpointKey) -> None:
    """RFC 9162 over canonical JSON; another library makes the same root of the same leaves; tiles give the same."""
    write(fresh, 300)
    with sealer(fresh) as log:
        assert seal(log, key) == 300
        write(fresh, 3)
        assert (seal(log, key), seal(log, key)) == (3, 0)
        newest = log.latest()
        assert newest is not None
        assert newest.signed_by([key.verifier], verify) == key.verifier
        kept = leaves(fresh)
        assert [index for index, _, _ in kept] == list(range(303))
        assert {event for _, event, _ in kept} == {
            UUID(event) for (event,) in ask(fresh.app_url, "SELECT event_id::text FROM audit_events")
        }
        hashes = [leaf for _, _, leaf in kept]
        assert newest.checkpoint.root == root(hashes)
        with log.tiles() as read:
            assert TiledTree(303, read).root() == newest.checkpoint.root
    assert ask(fresh.app_url, "SELECT level, number FROM log_tiles") == [(0, 0)]


def test_a_leaf_holds_every_column(fresh: FreshDatabase, key: CheckpointKey) -> None:
    """What the entry says is what PostgreSQL says, transaction id and commitment included; null stays out."""
    event = uuid4()
    columns = (
        "event_id, recorded_at, type, outcome, staff, represented, client_id, resource, basis, reason, sid, grant_id"
    )
    ask(
        fresh.app_url,
        f"INSERT INTO audit_events ({columns}, request_id, correlation_id, origin, evidence, commitment)"  # noqa: S608
        " VALUES (%s, '2026-11-21 09:00:00.5+01', 'a', 'refused', %s, %s, 'c', 'r', 'b', 'why', 's', %s, 'q', 'k', "
        "'o', '{\"n\": [1, \"é\"]}', %s)",
        (*(str(event) for _ in range(4)), b"\x01\xff"),
    )
    with sealer(fresh) as log:
        seal(log, key)
    [[txid]] = ask(fresh.app_url, "SELECT txid::text FROM audit_events")
    expected = (
        '{"basis":"b","client_id":"c","commitment":"01ff","correlation_id":"k","event_id":"@",'
        '"evidence":{"n":[1,"é"]},"grant_id":"@","origin":"o","outcome":"refused","reason":"why",'
        f'"recorded_at":"2026-11-21T08:00:00.500000Z","represented":"@","request_id":"q","resource":"r","sid":"s",'
        f'"staff":"@","txid":"{txid}","type":"a"}}'
    ).replace("@", str(event))
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    tree.append_entry(expected.encode())
    assert leaves(fresh) == [(0, event, leaf_hash(expected.encode()))]
    assert ask(fresh.app_url, "SELECT root FROM log_checkpoints")[0][0].tobytes() == tree.get_root()


def test_a_late_commit_is_never_skipped(fresh: FreshDatabase, key: CheckpointKey) -> None:
    """A transaction that began before others and commits after them: nothing passes it, and then all of it is there."""
    late = psycopg2.connect(fresh.app_url.replace("+psycopg2", ""))
    with sealer(fresh) as log:
        write(fresh)
        assert seal(log, key) == 1
        with late.cursor() as cursor:
            cursor.execute(_INSERT, (AT, 1))
        write(fresh)
        assert seal(log, key) == 0
        late.commit()
        assert seal(log, key) == 2
    late.close()


def test_one_seals_at_a_time_and_writers_never_wait(fresh: FreshDatabase, key: CheckpointKey) -> None:
    """Two sealers beside four writers: every event one leaf, no gap, no fork; who holds the lock holds up nobody."""
    done = threading.Event()

    def seals() -> int:
        added = 0
        with sealer(fresh) as log:
            while not done.is_set():
                added += log.seal(key, AT).added
        return added

    def writes() -> None:
        for _ in range(25):
            write(fresh, 7)

    with ThreadPoolExecutor(6) as pool:
        sealing = [pool.submit(seals) for _ in range(2)]
        for writer in [pool.submit(writes) for _ in range(4)]:
            writer.result()
        done.set()
        added = sum(each.result() for each in sealing)
    with sealer(fresh) as log:
        assert added + seal(log, key) == 700
    assert [index for index, _, _ in leaves(fresh)] == list(range(700))
    notes = ask(fresh.app_url, "SELECT size, root FROM log_checkpoints ORDER BY size")
    hashes = [leaf for _, _, leaf in leaves(fresh)]
    assert all(bytes(kept) == root(hashes[:size]) for size, kept in notes)

    holding = psycopg2.connect(fresh.worker_url.replace("+psycopg2", ""))
    with holding.cursor() as cursor, sealer(fresh) as log:
        cursor.execute("SELECT FROM log_sealer FOR UPDATE")
        write(fresh)
        assert seal(log, key) == 0
        holding.rollback()
        assert seal(log, key) == 1
    holding.close()


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE log_leaves SET leaf_hash = sha256(leaf_hash) WHERE leaf_index = 260",
        "UPDATE log_tiles SET hashes = set_byte(hashes, 4, get_byte(hashes, 4) # 1)",
        "DELETE FROM log_leaves WHERE leaf_index = 262",
        "DELETE FROM log_checkpoints WHERE size = 263",
        "UPDATE log_checkpoints SET root = sha256(root) WHERE size = 263",
    ],
)
def test_nothing_is_signed_over_a_log_that_was_changed(
    fresh: FreshDatabase, key: CheckpointKey, tampering: str
) -> None:
    """A sealer that starts sees that leaves, tiles and the last checkpoint are of one tree, or stops there."""
    with sealer(fresh) as log:
        write(fresh, 261)
        seal(log, key)
        write(fresh, 2)
        seal(log, key)
    with by_force(fresh):
        ask(fresh.superuser_url, tampering)
    write(fresh)
    with sealer(fresh) as log, pytest.raises(LogBrokenError):
        seal(log, key)


def test_a_copy_on_another_server_loses_nothing(fresh: FreshDatabase, key: CheckpointKey) -> None:
    """Ids of transactions of before lie anywhere there: events not sealed yet are found, and new ones as well."""
    with sealer(fresh) as log:
        write(fresh, 2)
        seal(log, key)
    insert = _INSERT.replace("(event_id,", "(txid, event_id,").replace("SELECT", "SELECT %s::xid8,", 1)
    [[now]] = ask(fresh.app_url, "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    values: list[tuple[Any, ...]] = [(str(now + 1_000_000), AT, 3), ("5", AT, 4)]
    for each in values:
        ask(fresh.superuser_url, insert, each)
    with by_force(fresh):
        statement = "UPDATE log_checkpoints SET cluster = cluster - 1, settled_before = '18446744073709551610'"
        ask(fresh.superuser_url, statement)
    write(fresh, 5)
    with sealer(fresh) as log:
        assert seal(log, key) == 12
        write(fresh, 1)
        assert seal(log, key) == 1
    assert len({event for _, event, _ in leaves(fresh)}) == 15


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}"])
def test_nobody_changes_what_was_sealed(fresh: FreshDatabase, key: CheckpointKey, table: str, statement: str) -> None:
    """By privilege for the service, by trigger for the owner and a superuser."""
    with sealer(fresh) as log:
        write(fresh, 256)
        seal(log, key)
    purge = "INSERT INTO log_purges VALUES ('2020-01-01', 1, sha256(''), gen_random_uuid(), now())"
    ask(fresh.migrate_url, purge)
    ask(fresh.migrate_url, "INSERT INTO log_thinnings VALUES ('2020-01-01', '{}', 0, gen_random_uuid())")
    column = {"log_tiles": "level", "log_purges": "events", "log_thinnings": "dropped"}.get(table, "size")
    column = "leaf_index" if table == "log_leaves" else column
    for url in (fresh.app_url, fresh.migrate_url, fresh.superuser_url):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(url, statement.format(table, column, column))
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(fresh.app_url, purge.replace("2020", "2019"))


def test_a_turn_costs_the_same_however_long_the_log_is(fresh: FreshDatabase, key: CheckpointKey) -> None:
    """Going on reads the right edge and what is new, by index: no table is read whole."""
    with sealer(fresh) as log:
        write(fresh, 2_000, datetime(2026, 11, 1, tzinfo=UTC))
        seal(log, key)
    ask(fresh.superuser_url, "ANALYZE")
    scans = "SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname ~ '^(log_|audit_events_)'"
    with sealer(fresh) as log:
        write(fresh, 2)
        ask(fresh.superuser_url, "SELECT pg_stat_force_next_flush()")
        [[before]] = ask(fresh.superuser_url, scans)
        assert seal(log, key) == 2
        with log.tiles() as read:
            assert TiledTree(2_002, read).root()
    [[after]] = ask(fresh.superuser_url, scans)
    assert after - before <= 64
