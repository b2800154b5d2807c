"""Sealing: events that are surely committed become leaves, and the tree they make is signed.

Whether a transaction is over is asked of its id, not of any order of rows or clocks: below the oldest transaction that
still runs nothing can appear any more. A turn is one transaction, so a sealer that dies leaves nothing half done.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from vad.adapters.postgres import log_entries
from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.log_tree import PostgresTiles, Roots
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.checkpoint import Checkpoint, CheckpointError, SignedCheckpoint
from vad.domain.errors import LogBrokenError
from vad.domain.log_events import LogKeyUsed
from vad.domain.log_tiles import GrowingTree, LogTreeError, TiledTree, TileReader
from vad.domain.merkle import EMPTY, leaf_hash
from vad.services.ports.sealed_log import CheckpointSigner, Turn

BATCH = 5_000
"""Events of one turn, more or less: those of one transaction stay together."""
_CHUNK = 250
"""Rows that are in memory at once. Each may have 64 KiB."""

# Hashing or merging would read the whole log to find the few rows of a turn.
_BEGIN = Query(
    text("""
    WITH mine AS (SELECT FROM log_sealer FOR UPDATE SKIP LOCKED)
    SELECT (SELECT count(*) FROM mine) = 1, set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true)
    """)
)
_LAST = Query(
    text("""
    SELECT size, root, note, settled_before::text, cluster FROM log_checkpoints ORDER BY size DESC LIMIT 1
    """)
)
_CLUSTER = Query(text("SELECT system_identifier FROM pg_control_system()"))
_SETTLED = Query(
    text("""
    SELECT max(txid)::text, count(*) FROM (
        SELECT txid FROM audit_events
        WHERE txid >= CAST(:since AS xid8) AND txid < (SELECT pg_snapshot_xmin(pg_current_snapshot()))
        ORDER BY txid LIMIT :most
    ) AS settled
    """)
)
_FETCH = Query(text(f"FETCH FORWARD {_CHUNK} FROM log_entries"))
_CLOSE = Query(text("CLOSE log_entries"))
_ADD_LEAVES = Query(
    text("""
    INSERT INTO log_leaves (leaf_index, event_id, recorded_at, leaf_hash)
    SELECT * FROM unnest(
        CAST(:indexes AS bigint[]), CAST(:ids AS uuid[]), CAST(:times AS timestamptz[]), CAST(:hashes AS bytea[])
    )
    """)
)
_ADD_TILE = Query(text("INSERT INTO log_tiles (level, number, hashes) VALUES (:level, :number, :hashes)"))
_ADD_CHECKPOINT = Query(
    text("""
    INSERT INTO log_checkpoints (size, root, note, signed_at, settled_before, cluster, previous)
    VALUES (:size, :root, :note, :at, CAST(:settled AS xid8), :cluster, :previous)
    """)
)


def _opening(which: str) -> Query:
    statement = f"""
    DECLARE log_entries NO SCROLL CURSOR FOR
    SELECT {log_entries.selected()} FROM audit_events AS e
    WHERE {which} AND NOT EXISTS (
        SELECT FROM log_leaves AS l WHERE l.event_id = e.event_id AND l.recorded_at = e.recorded_at
    )
    ORDER BY e.txid, e.recorded_at, e.event_id
    """  # noqa: S608 - nothing from outside stands in it
    return Query(text(statement))


_OPEN = _opening("e.txid >= CAST(:since AS xid8) AND e.txid <= CAST(:upto AS xid8)")
# Of another cluster, before a copy of it was put back here: no transaction of this one can have made them yet.
_OPEN_FOREIGN = _opening("e.txid >= (SELECT pg_snapshot_xmax(pg_current_snapshot()))")


class _Last(NamedTuple):
    """The newest checkpoint."""

    size: int
    root: bytes
    settled_before: int
    cluster: int
    note: str = ""


@dataclass(slots=True)
class _Place:
    """How far a sealer has come: what it would otherwise have to read again at every turn."""

    tree: GrowingTree
    since: int
    """The first transaction of which it has not seen the events."""
    cluster: int


class PostgresSealedLog:
    """`vad.services.ports.sealed_log.SealedLog`. Used by one thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._place: _Place | None = None
        self._seen: tuple[int, bytes] = 0, EMPTY
        """Size and root of the last tree that was there: kept after a fault as well, so that it is not forgotten."""
        self._roots: Roots = {}

    def seal(self, signer: CheckpointSigner, at: datetime) -> Turn:
        kept, self._place = self._place, None
        try:
            with Transaction(self._database) as transaction:
                [[mine, *_]] = transaction.change(_BEGIN)
                if not mine:
                    return Turn(0, more=False)
                last, [[cluster]] = _last(transaction), transaction.change(_CLUSTER)
                place = kept if kept is not None and _stands(kept, last, cluster) else None
                if place is None:
                    self._roots = {}
                    _check_grown(transaction, self._seen, last)
                    place = _found(transaction, last, cluster)
                more = _add_settled(transaction, place)
                added = place.tree.size - last.size
                if added:
                    _tell_of_key(transaction, last, signer, at)
                    _write_checkpoint(transaction, place, signer, at, last.size)
                    transaction.commit()
        except LogTreeError as error:
            raise LogBrokenError(str(error)) from None
        except StoreFaultError as error:
            if "log_" in str(error):
                raise LogBrokenError(f"there is more in the log than was signed ({error})") from None
            raise
        self._place, self._seen = place, (place.tree.size, place.tree.root())
        return Turn(added, more=more)

    def latest(self) -> SignedCheckpoint | None:
        with Transaction(self._database) as transaction:
            rows = transaction.read(_LAST)
        return SignedCheckpoint.parse(rows[0][2]) if rows else None

    @contextmanager
    def tiles(self) -> Iterator[TileReader]:
        with Transaction(self._database) as transaction:
            # Who does not seal does not hear that another database was put in the place of this one.
            yield PostgresTiles(transaction, self._roots if self._place is not None else None)


def _last(transaction: Transaction) -> _Last:
    for size, root, note, settled, cluster in transaction.change(_LAST):
        return _Last(size, bytes(root), int(settled), cluster, note)
    return _Last(0, EMPTY, 0, 0)


def _stands(kept: _Place, last: _Last, cluster: int) -> bool:
    """Whether nobody else sealed meanwhile, and nobody put another database in its place."""
    return (kept.tree.size, kept.tree.root(), kept.cluster) == (last.size, last.root, cluster)


def _check_grown(transaction: Transaction, seen: tuple[int, bytes], last: _Last) -> None:
    """See that what is there begins with what was there before. Raises `LogBrokenError`."""
    size, root = seen
    if size > last.size:
        raise LogBrokenError(f"there were {size} events in the tree, and now there are {last.size}")
    if size and TiledTree(size, PostgresTiles(transaction)).root() != root:
        raise LogBrokenError(f"the first {size} events are not those that were sealed")


def _found(transaction: Transaction, last: _Last, cluster: int) -> _Place:
    """Where to go on. Ids of transactions of another cluster say nothing here: then all events are looked at again."""
    tree = GrowingTree.resume(last.size, PostgresTiles(transaction))
    if tree.root() != last.root:
        raise LogBrokenError(f"the leaves are not those of the checkpoint of {last.size}")
    if last.cluster == cluster:
        return _Place(tree, last.settled_before, cluster)
    place = _Place(tree, 0, cluster)
    transaction.change(_OPEN_FOREIGN)
    _add_opened(transaction, place.tree)
    return place


def _add_settled(transaction: Transaction, place: _Place) -> bool:
    """Add the events of the next transactions that are over; whether there may be more of them."""
    [[upto, seen]] = transaction.change(_SETTLED, since=str(place.since), most=BATCH)
    if upto is None:
        return False
    transaction.change(_OPEN, since=str(place.since), upto=upto)
    _add_opened(transaction, place.tree)
    place.since = int(upto) + 1
    return bool(seen == BATCH)


def _add_opened(transaction: Transaction, tree: GrowingTree) -> None:
    while rows := transaction.change(_FETCH):
        first, hashes = tree.size, [leaf_hash(log_entries.entry(row)) for row in rows]
        for leaf in hashes:
            tree.add(leaf)
        transaction.change(
            _ADD_LEAVES,
            indexes=list(range(first, tree.size)),
            ids=[row[log_entries.EVENT_ID] for row in rows],
            times=[row[log_entries.RECORDED_AT] for row in rows],
            hashes=hashes,
        )
        _write_tiles(transaction, tree)
    transaction.change(_CLOSE)


def _write_tiles(transaction: Transaction, tree: GrowingTree) -> None:
    for tile, hashes in tree.finished:
        transaction.change(_ADD_TILE, level=tile.level, number=tile.number, hashes=hashes)
    tree.finished.clear()


def _tell_of_key(transaction: Transaction, last: _Last, signer: CheckpointSigner, at: datetime) -> None:
    """Where another key signed before: an event, which is sealed by the next turn."""
    key = signer.verifier
    try:
        former = [each.key_id for each in SignedCheckpoint.parse(last.note).signatures] if last.note else [key.key_id]
    except CheckpointError:
        raise LogBrokenError(f"the checkpoint of {last.size} is not one") from None
    if key.key_id not in former:
        log = PostgresAuditLog(transaction)
        log.append(LogKeyUsed(evidence={"key": str(key), "former": former[0].hex()}), at=at)
        log.flush()


def _write_checkpoint(
    transaction: Transaction, place: _Place, signer: CheckpointSigner, at: datetime, previous: int
) -> None:
    checkpoint = Checkpoint(signer.verifier.name, place.tree.size, place.tree.root())
    note = SignedCheckpoint.make(checkpoint, signer.verifier, signer.sign).note()
    row = {"size": checkpoint.size, "root": checkpoint.root, "note": note, "at": at, "previous": previous}
    transaction.change(_ADD_CHECKPOINT, **row, settled=str(place.since), cluster=place.cluster)
