"""Keeping the log: what was published is what was sealed, and no second history is ever signed."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from tests.adapters.postgres.postgres_records import AT
from tests.adapters.postgres.test_log_sealer import by_force, write
from tests.support.database import FreshDatabase, Server, ask, new_database
from vad.adapters.metrics import Metrics
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_key import log_key
from vad.adapters.postgres.log_sealer import BATCH, PostgresSealedLog
from vad.adapters.postgres.log_state import log_state
from vad.adapters.postgres.log_tree import PostgresTiles, Roots
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.directory import PublishedDirectory
from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.cli import worker_sealing
from vad.domain.errors import LogBrokenError, LogNotPublishedError
from vad.domain.log_tiles import Tile, TiledTree, split
from vad.services.log_keeping import LogKeeping

_TAIL = "SELECT event_id FROM log_leaves WHERE leaf_index >= 3"
KEY = CheckpointKey.generate_text("log.example/log")
WEEK = timedelta(days=7)
_PAUSE = 0.5
"""Seconds, with which three pauses and as many turns are two seconds."""


@pytest.fixture
def fresh(postgres: Server, migrated_template: str) -> Iterator[FreshDatabase]:
    """Give a database with an empty log."""
    with new_database(postgres, migrated_template) as made:
        yield made


@pytest.fixture
def log(fresh: FreshDatabase) -> Iterator[PostgresSealedLog]:
    """Give its tree."""
    database = Database(fresh.worker_url)
    yield PostgresSealedLog(database)
    database.close()


def keeping(log: PostgresSealedLog, folder: Path, name: str = KEY) -> LogKeeping:
    """Give what the worker runs, as if it had just begun."""
    return LogKeeping(log, CheckpointKey.from_text(name), PublishedDirectory(folder))


def published_root(folder: Path, size: int) -> bytes:
    """The root as somebody finds it who has the folder alone."""

    def read(tile: Tile) -> list[bytes]:
        return split((folder / tile.path).read_bytes())

    return TiledTree(size, read).root()


def test_what_is_sealed_is_published(fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path) -> None:
    """Layout of tlog-tiles; the folder alone gives the root that was signed; partial tiles go once they are full."""
    kept = keeping(log, tmp_path)
    kept.turn(AT)
    kept.publish()
    assert list(tmp_path.glob("[!.]*")) == []
    for count, size in ((3, 3), (600, 603)):
        write(fresh, count)
        assert kept.turn(AT).added == count
        kept.publish()
        newest = PublishedDirectory(tmp_path).latest()
        assert newest is not None
        assert newest.checkpoint.size == size
        assert newest.signed_by([CheckpointKey.from_text(KEY).verifier], verify)
        assert published_root(tmp_path, size) == newest.checkpoint.root
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    tiles = {"tile/0/000", "tile/0/001", "tile/0/002.p/91", "tile/1/000.p/2"}
    assert files == tiles | {"checkpoint", ".lock"}


def test_the_next_turn_begins_in_time(fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path) -> None:
    """Half a second after the last, or at once while there is more: of a log that is two seconds behind at most."""
    loop = worker_sealing._Loop(keeping(log, tmp_path), Metrics())  # noqa: SLF001 - what the worker's thread goes round
    assert loop._turn() <= _PAUSE, "nothing was there"  # noqa: SLF001 - one turn
    for _ in range(2):
        write(fresh, BATCH)
    assert [loop._turn() for _ in range(2)] == [0.0, 0.0], "there was more"  # noqa: SLF001 - one turn
    write(fresh)
    assert loop._turn() <= _PAUSE  # noqa: SLF001 - one turn
    assert ask(fresh.app_url, "SELECT max(size) FROM log_checkpoints") == [(2 * BATCH + 1,)]


def test_what_publishing_missed_is_published_later(
    fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path
) -> None:
    """A disk that is full hinders no sealing, leaves the former checkpoint whole, and is made up for once it can be."""
    kept = keeping(log, tmp_path)
    write(fresh, 300)
    kept.turn(AT)
    kept.publish()
    before = (tmp_path / "checkpoint").read_text()
    (tmp_path / "tile/0/001.p").rename(tmp_path / "aside")
    (tmp_path / "tile/0/001").write_bytes(b"")
    (tmp_path / "tile/0/001").rename(tmp_path / "tile/0/001.p")  # a file where a folder must be
    write(fresh, 5)
    assert kept.turn(AT).added == 5
    with pytest.raises(LogNotPublishedError):
        kept.publish()
    assert (tmp_path / "checkpoint").read_text() == before
    (tmp_path / "tile/0/001.p").unlink()
    write(fresh, 1)
    assert kept.turn(AT).added == 1
    kept.publish()
    newest = PublishedDirectory(tmp_path).latest()
    assert newest is not None
    assert published_root(tmp_path, 306) == newest.checkpoint.root


def test_what_is_full_is_hashed_once_by_whoever_seals(
    fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path
) -> None:
    """To publish costs the same however long the log is: half a second of it must not hash the 65,000 events before."""
    kept, edge, made_up = keeping(log, tmp_path), Tile(1, 0, 2), b"\x01" * 32
    write(fresh, 600)
    kept.turn(AT)
    kept.publish()
    with Transaction(log._database) as transaction:  # noqa: SLF001 - what the tree reads by
        roots: Roots = {}
        hashes = list(PostgresTiles(transaction, roots)(edge))
        assert roots == {(0, number): made for number, made in enumerate(hashes)}
        roots[0, 0] = made_up
        assert list(PostgresTiles(transaction, roots)(edge)) == [made_up, hashes[1]]
        assert list(PostgresTiles(transaction, {(0, 0): hashes[0]})(edge)) == hashes
        assert list(PostgresTiles(transaction)(edge)) == hashes
    with by_force(fresh):
        ask(fresh.superuser_url, "UPDATE log_tiles SET hashes = overlay(hashes PLACING '\\x00' FROM 5)")
    with log.tiles() as read, PostgresSealedLog(log._database).tiles() as read_anew:  # noqa: SLF001 - serves, seals not
        assert list(read(edge)) == hashes, "hashed again"
        assert read_anew(edge)[0] != hashes[0], "believed what it had not read"
    kept.log = PostgresSealedLog(log._database)  # noqa: SLF001 - one that has just begun
    with pytest.raises(LogBrokenError):
        kept.check_published()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk(fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path) -> None:
    """A real one: nothing half written is ever seen, and sealing goes on."""
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", tmp_path], check=False)
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        kept = keeping(log, tmp_path)
        write(fresh, 10)
        kept.turn(AT)
        kept.publish()
        write(fresh, 2_000)
        assert kept.turn(AT).added == 2_000
        with pytest.raises(LogNotPublishedError, match="No space"):
            kept.publish()
        newest = PublishedDirectory(tmp_path).latest()
        assert newest is not None
        assert published_root(tmp_path, newest.checkpoint.size) == newest.checkpoint.root
        subprocess.run(["mount", "-o", "remount,size=1m", tmp_path], check=True)
        kept.publish()
        newest = PublishedDirectory(tmp_path).latest()
        assert newest is not None
        assert published_root(tmp_path, 2_010) == newest.checkpoint.root
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize("edited", [False, True])
def test_no_second_history_is_signed(
    fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path, *, edited: bool
) -> None:
    """A copy of before is put back, or all of the log is made anew: what was published says otherwise."""
    kept = keeping(log, tmp_path)
    for _ in range(2):
        write(fresh, 3)
        kept.turn(AT)
    kept.publish()
    with by_force(fresh):
        ask(fresh.superuser_url, "DELETE FROM log_checkpoints WHERE size > %s", (0 if edited else 3,))
        ask(fresh.superuser_url, "DELETE FROM log_leaves WHERE leaf_index >= %s", (0 if edited else 3,))
        if edited:
            ask(fresh.superuser_url, "ALTER TABLE audit_events DISABLE TRIGGER USER")
            ask(fresh.superuser_url, "UPDATE audit_events SET reason = 'else'")
            with pytest.raises(LogBrokenError, match="there were 6 events"):
                LogKeeping(log, CheckpointKey.from_text(KEY), None).turn(AT)
            anew = PostgresSealedLog(log._database)  # noqa: SLF001 - one that knows nothing of before
            LogKeeping(anew, CheckpointKey.from_text(KEY), None).turn(AT)
    begun = keeping(PostgresSealedLog(log._database), tmp_path)  # noqa: SLF001 - a sealer that has just begun
    with pytest.raises(LogBrokenError, match="elsewhere"):
        begun.turn(AT)
    with pytest.raises(LogNotPublishedError, match="another log"):
        keeping(log, tmp_path, CheckpointKey.generate_text("other.example")).turn(AT)
    (tmp_path / "checkpoint").write_text("nothing")
    with pytest.raises(LogNotPublishedError, match="can't be read"):
        begun.turn(AT)
    with pytest.raises(LogNotPublishedError, match="no folder"):
        keeping(log, tmp_path / "absent").turn(AT)


def test_a_worker_that_runs_signs_no_second_history(
    fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path
) -> None:
    """The tail is cut off, or another was put on, under its hands: it remembers, however often it is asked."""
    kept, other = keeping(log, tmp_path), keeping(PostgresSealedLog(log._database), tmp_path)  # noqa: SLF001 - anew
    other.turn(AT)
    for _ in range(2):
        write(fresh, 3)
        kept.turn(AT)
        kept.publish()
    published = PublishedDirectory(tmp_path).latest()
    with by_force(fresh):
        ask(fresh.superuser_url, "ALTER TABLE audit_events DISABLE TRIGGER USER")
        ask(fresh.superuser_url, f"DELETE FROM audit_events WHERE event_id IN ({_TAIL})")  # noqa: S608 - ours
        ask(fresh.superuser_url, "DELETE FROM log_checkpoints WHERE size > 3")
        ask(fresh.superuser_url, "DELETE FROM log_leaves WHERE leaf_index >= 3")
    write(fresh, 5)
    for _ in range(2):
        with pytest.raises(LogBrokenError):
            kept.turn(AT)
    alone = LogKeeping(log, CheckpointKey.from_text(KEY), None)
    with pytest.raises(LogBrokenError, match="there were 6 events"):
        alone.turn(AT)
    assert other.turn(AT).added, "it saw nothing of what was published since it looked"
    with pytest.raises(LogBrokenError, match="the first 6 events"):
        other.publish()
    with pytest.raises(LogBrokenError, match="the first 6 events"):
        other.turn(AT)
    with pytest.raises(LogBrokenError, match="the first 6 events are not those that were sealed"):
        alone.turn(AT)
    assert PublishedDirectory(tmp_path).latest() == published


def test_an_older_checkpoint_never_comes_after_a_newer(
    fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path
) -> None:
    """Several publish at once: what stands there only grows."""
    states = []
    for _ in range(6):
        write(fresh, 50)
        keeping(log, tmp_path).turn(AT)
        newest = log.latest()
        assert newest is not None
        states.append(newest)
    with log.tiles() as read:
        tiles = {tile.path: read(tile) for size in range(50, 301, 50) for tile in _of(size)}
    with ThreadPoolExecutor(6) as pool:
        list(
            pool.map(
                lambda state: PublishedDirectory(tmp_path).publish(state, lambda tile: tiles[tile.path]),
                reversed(states),
            )
        )
    newest = PublishedDirectory(tmp_path).latest()
    assert newest == states[-1]


def _of(size: int) -> list[Tile]:
    full, rest = divmod(size, 256)
    tiles = [Tile(0, number) for number in range(full)] + ([Tile(0, full, rest)] if rest else [])
    return tiles + ([Tile(1, 0, full)] if full else [])


def test_signing_with_another_key_is_an_event(fresh: FreshDatabase, log: PostgresSealedLog, tmp_path: Path) -> None:
    """Sealed itself, and once; the page with the keys and a figure say which key it is, and since when."""
    told = "SELECT evidence, leaf_index FROM audit_events JOIN log_leaves USING (event_id) WHERE type = 'log.key_used'"
    second = CheckpointKey.generate_text("log.example/log")
    app, former, key = Database(fresh.app_url), *(CheckpointKey.from_text(each).verifier for each in (KEY, second))
    assert log_key(app, [key]) is None
    for at, name in ((AT, KEY), (AT + WEEK, KEY), (AT + 2 * WEEK, second), (AT + 3 * WEEK, second)):
        write(fresh, 2)
        begun = keeping(log, tmp_path, name)
        while begun.turn(at).added:
            pass
        shown = log_key(app, [former, key])
        assert shown is not None
        signer, since = (former, AT) if name == KEY else (key, AT + 2 * WEEK)
        assert (shown.public, shown.since, shown.days(at)) == (str(signer), since, (at - since).days)
        assert log_state(app).key_since == since.timestamp()
    assert ask(fresh.app_url, told) == [({"key": str(key), "former": former.key_id.hex()}, 6)]
    unknown = log_key(app, [former])
    assert unknown is not None
    assert (unknown.public, unknown.name) == ("", f"{key.name}+{key.key_id.hex()}")
    app.close()
