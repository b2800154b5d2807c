"""The log as it is read to verify it: a piece at a time, so that ten million events take no more memory than ten."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import text

from vad.adapters.postgres import log_entries
from vad.adapters.postgres.log_tree import PostgresTiles
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.commitment import SALT_BYTES, commitment
from vad.domain.log_tiles import TileReader
from vad.domain.merkle import leaf_hash
from vad.services.ports.log_reading import Apart, ReadCheckpoint, ReadLeaf, ReadPurge, ReadThinning

_BEGIN = Query(text("SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"))
# Checkpoints are thinned and months are purged meanwhile: what was read first would not fit what is read after it.
_MOMENT = Query(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
_NEWEST = Query(text("SELECT size, root, note FROM log_checkpoints ORDER BY size DESC LIMIT 1"))
_CHECKPOINTS = Query(
    text("SELECT size, root, note, previous FROM log_checkpoints WHERE size > :after AND size <= :upto ORDER BY size")
)
_WITHOUT = Query(
    text("""
    SELECT size FROM unnest(CAST(:sizes AS bigint[])) AS wanted (size)
    WHERE NOT EXISTS (SELECT FROM log_checkpoints AS c WHERE c.size = wanted.size) ORDER BY size
    """)
)
# By the rule: an hour that was over since the day before the event, and of it what was the last before another hour.
_THINNINGS = Query(
    text("""
    SELECT t.kept, to_char(t.hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), t.dropped,
        e.evidence, event_id::text, COALESCE(l.leaf_index, 0),
        CASE WHEN e.evidence IS NULL THEN to_char(l.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM') END,
        cardinality(t.kept) > 0 AND count(*) OVER (PARTITION BY event_id) = 1
            AND t.hour = date_trunc('hour', t.hour, 'UTC') AND t.hour + interval '1 hour'
                <= date_trunc('day', COALESCE(e.recorded_at, l.recorded_at), 'UTC') - interval '1 day'
            AND NOT EXISTS (
                SELECT FROM unnest(t.kept) AS stays JOIN log_checkpoints AS c ON c.size = stays
                WHERE c.size > l.leaf_index OR date_trunc('hour', c.signed_at, 'UTC') <> t.hour
                    OR t.hour = (
                        SELECT date_trunc('hour', n.signed_at, 'UTC') FROM log_checkpoints AS n
                        WHERE n.size > c.size ORDER BY n.size LIMIT 1
                    )
            )
    FROM log_thinnings AS t
    FULL JOIN (SELECT event_id, recorded_at, evidence FROM audit_events WHERE type = 'log.thinned') AS e
        USING (event_id)
    LEFT JOIN log_leaves AS l USING (event_id) ORDER BY t.hour
    """)
)
_FIRST_FROM = Query(text("SELECT size, root, note FROM log_checkpoints WHERE size >= :size ORDER BY size LIMIT 1"))
_LEAVES = Query(
    text(f"""
    SELECT l.leaf_index, l.event_id::text, l.leaf_hash, to_char(l.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM'),
        e.commitment, x.salt, x.fields, e.event_id IS NOT NULL, {log_entries.selected()}
    FROM log_leaves AS l
    LEFT JOIN audit_events AS e ON e.event_id = l.event_id AND e.recorded_at = l.recorded_at
    LEFT JOIN audit_erasable AS x ON x.event_id = l.event_id AND x.recorded_at = l.recorded_at
    WHERE l.leaf_index >= :first AND l.leaf_index < :end ORDER BY l.leaf_index
    """)  # noqa: S608 - nothing from outside stands in it
)
_PLACE = Query(text("SELECT leaf_index FROM log_leaves WHERE event_id = CAST(:event AS uuid) ORDER BY leaf_index"))
_BEYOND = Query(
    text("""
    SELECT count(*) FROM log_leaves WHERE leaf_index >= (SELECT COALESCE(max(size), 0) FROM log_checkpoints)
    """)
)
# By time as well as by id: an event that was put in beside another of the same id is not that one. Ids of transactions
# that this cluster has not reached can't be of it; what it has not settled yet will still be sealed.
_UNSEALED = Query(
    text("""
    WITH newest AS (SELECT settled_before FROM log_checkpoints ORDER BY size DESC LIMIT 1)
    SELECT e.event_id::text FROM audit_events AS e
    WHERE e.txid >= CAST(:since AS xid8)
        AND (e.txid < (SELECT settled_before FROM newest) OR e.txid >= pg_snapshot_xmax(pg_current_snapshot()))
        AND NOT EXISTS (
            SELECT FROM log_leaves AS l WHERE l.event_id = e.event_id AND l.recorded_at = e.recorded_at
        )
    LIMIT :most
    """)
)
# That very one may have been dropped since; one before it is as good. Ids of another cluster say nothing.
_SETTLED = Query(
    text("""
    SELECT settled_before::text FROM log_checkpoints
    WHERE size <= :size AND cluster = (SELECT cluster FROM log_checkpoints ORDER BY size DESC LIMIT 1)
    ORDER BY size DESC LIMIT 1
    """)
)
_HASHING = Query(text("SELECT set_config('enable_hashjoin', 'on', true)"))
_PURGED = Query(
    text(f"""
    SELECT to_char(p.month, 'YYYY-MM'), p.events, encode(p.archive_hash, 'hex'), EXISTS (
            SELECT FROM audit_events AS o WHERE o.recorded_at >= p.month::timestamp AT TIME ZONE 'UTC'
                AND o.recorded_at < (p.month + interval '1 month') AT TIME ZONE 'UTC'
        ),
        l.event_id, l.leaf_hash, to_char(l.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM'), e.event_id IS NOT NULL,
        e.type = 'log.purged' AND e.evidence ->> 'month' = to_char(p.month, 'YYYY-MM')
            AND e.evidence ->> 'events' = p.events::text AND e.evidence ->> 'archive' = encode(p.archive_hash, 'hex'),
        {log_entries.selected()}
    FROM log_purges AS p
    JOIN log_leaves AS l
        ON l.event_id = p.event_id AND l.leaf_index < (SELECT COALESCE(max(size), 0) FROM log_checkpoints)
    LEFT JOIN audit_events AS e ON e.event_id = l.event_id AND e.recorded_at = l.recorded_at
    WHERE p.month = date_trunc('month', p.month) ORDER BY p.month DESC
    """)  # noqa: S608 - nothing from outside stands in it
)
_ERASURES = Query(text("SELECT evidence ->> 'event' FROM audit_events WHERE type = 'log.erased'"))
_BESIDE, _BESIDE_PURGE = 8, 9
"""Columns before those of the event itself."""


class PostgresLogReader:
    """`vad.services.ports.log_reading.LogReading` in one transaction, which sees one moment and has not begun."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        transaction.change(_MOMENT)
        transaction.change(_BEGIN)

    def newest(self) -> ReadCheckpoint | None:
        for row in self._transaction.read(_NEWEST):
            return ReadCheckpoint(row[0], bytes(row[1]), row[2])
        return None

    def place(self, event_id: str) -> int | None:
        rows = self._transaction.read(_PLACE, event=event_id)
        return rows[0][0] if rows else None

    def checkpoints(self, after: int, upto: int) -> Sequence[ReadCheckpoint]:
        rows = self._transaction.read(_CHECKPOINTS, after=after, upto=upto)
        return [ReadCheckpoint(size, bytes(root), note, previous) for size, root, note, previous in rows]

    def thinnings(self) -> Sequence[ReadThinning]:
        found = []
        for kept, hour, dropped, said, event, index, told_in, by_rule in self._transaction.read(_THINNINGS):
            agrees = said == {"hour": hour, "kept": kept, "dropped": dropped}
            found.append(ReadThinning(frozenset(kept or ()), agrees, bool(by_rule), event, index, told_in))
        return found

    def without_checkpoint(self, sizes: Sequence[int]) -> Sequence[int]:
        return [size for (size,) in self._transaction.read(_WITHOUT, sizes=list(sizes))]

    def leaves(self, first: int, end: int) -> Iterator[ReadLeaf]:
        for row in self._transaction.read(_LEAVES, first=first, end=end):
            index, event_id, leaf, month, promised, salt, fields, there = row[:_BESIDE]
            entry = log_entries.entry(row[_BESIDE:]) if there else None
            yield ReadLeaf(index, event_id, bytes(leaf), month, entry, _apart(promised, salt, fields))

    def first_from(self, size: int) -> ReadCheckpoint | None:
        for row in self._transaction.read(_FIRST_FROM, size=size):
            return ReadCheckpoint(row[0], bytes(row[1]), row[2])
        return None

    def beyond(self) -> int:
        return int(self._transaction.read(_BEYOND)[0][0])

    def unsealed(self, most: int, since: int = 0) -> Sequence[str]:
        # A value of its own, not a question within the other: so the planner knows how few rows come after it.
        settled = next((row[0] for row in self._transaction.read(_SETTLED, size=since)), "0") if since else "0"
        self._transaction.change(_HASHING)
        found = [event for (event,) in self._transaction.read(_UNSEALED, most=most, since=settled)]
        self._transaction.change(_BEGIN)
        return found

    def purged(self) -> Mapping[str, ReadPurge]:
        found: dict[str, ReadPurge] = {}
        told = set()
        # The latest month first: what says that one was purged may itself be in a later one that was.
        for row in self._transaction.read(_PURGED):
            month, events, archive, left, event, leaf, told_in, there, says = row[:_BESIDE_PURGE]
            if there:
                rests = says and leaf_hash(log_entries.entry(row[_BESIDE_PURGE:])) == bytes(leaf)
            else:
                rests = told_in > month and told_in in found
            if rests and event not in told:
                told.add(event)
                found[month] = ReadPurge(month, events, archive, left)
        return found

    def erasures(self) -> frozenset[str]:
        return frozenset(event for (event,) in self._transaction.read(_ERASURES))

    @property
    def tiles(self) -> TileReader:
        return PostgresTiles(self._transaction)


def _apart(promised: memoryview | None, salt: memoryview | None, fields: dict[str, str] | None) -> Apart:
    if promised is None:
        return Apart.NOTHING if salt is None else Apart.CHANGED
    if salt is None or fields is None:
        return Apart.ERASED
    whole = len(salt) == SALT_BYTES and all(isinstance(value, str) for value in fields.values())
    holds = whole and commitment(bytes(salt), fields) == bytes(promised)
    return Apart.HOLDS if holds else Apart.CHANGED
