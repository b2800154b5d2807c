"""A month of the log as a file, and out of the database once that file was read again.

The file is JSON Lines: on each line the place of an event in the tree and the event itself, as it was hashed. Its
leaves stay in the database, so the tree and all proofs of other events stay as they are.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import text

from vad.adapters.postgres import log_entries
from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.command_approvals import Consent, Step, consent
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.audit import LogPurged
from vad.domain.errors import VadError
from vad.domain.merkle import leaf_hash
from vad.services.agreed_commands import PURGE

_CHUNK = 2_000
_EXISTS = Query(text("SELECT to_regclass(:name) IS NOT NULL"))
_UNSEALED = Query(
    text("""
    SELECT count(*) FROM audit_events AS e WHERE recorded_at >= :first AND recorded_at < :end
        AND NOT EXISTS (SELECT FROM log_leaves AS l WHERE l.event_id = e.event_id AND l.recorded_at = e.recorded_at)
    """)
)
_OPEN = Query(
    text(f"""
    DECLARE log_month NO SCROLL CURSOR FOR
    SELECT l.leaf_index, l.leaf_hash, {log_entries.selected()} FROM log_leaves AS l
    JOIN audit_events AS e ON e.event_id = l.event_id AND e.recorded_at = l.recorded_at
    WHERE e.recorded_at >= :first AND e.recorded_at < :end ORDER BY l.leaf_index
    """)  # noqa: S608 - nothing from outside stands in it
)
_FETCH = Query(text(f"FETCH FORWARD {_CHUNK} FROM log_month"))
_CLOSE = Query(text("CLOSE log_month"))
_HASHES = Query(
    text("""
    SELECT leaf_index, leaf_hash FROM log_leaves WHERE leaf_index = ANY(CAST(:indexes AS bigint[])) ORDER BY leaf_index
    """)
)
_GONE = Query(text("SELECT events, archive_hash FROM log_purges WHERE month = :month"))
_COUNT = Query(text("SELECT count(*) FROM audit_events WHERE recorded_at >= :first AND recorded_at < :end"))
_PURGED = Query(
    text("""
    INSERT INTO log_purges (month, events, archive_hash, event_id, purged_at)
    SELECT :month, :events, :archive, event_id, :at FROM audit_events
    WHERE type = 'log.purged' AND recorded_at = :at AND evidence ->> 'month' = :name
    """)
)
# What events of that month kept apart stands here too, for whoever had to read it before they decided.
_COPIES = tuple(
    Query(text(f"UPDATE {home} SET reason = '', case_number = '' WHERE {when} >= :first AND {when} < :end"))  # noqa: S608
    for home, when in (("staff_requests", "requested_at"), ("break_glass", "taken_at"))
)


class ArchiveError(VadError):
    """A month can't be archived or purged; the text says why. Nothing was taken away."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the log."""

    first: date

    @property
    def end(self) -> date:
        """The first day of the next."""
        return date(self.first.year + self.first.month // 12, self.first.month % 12 + 1, 1)

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.first:%Y-%m}"

    @property
    def bounds(self) -> dict[str, str]:
        """For a query."""
        return {"first": f"{self.first} 00:00:00+00", "end": f"{self.end} 00:00:00+00"}


def write(database: Database, month: Month, file: Path) -> int:
    """Write the archive, whole or not at all; how many events. Raises `ArchiveError`, `OSError`."""
    fresh = file.with_name(f".{file.name}.new")
    with Transaction(database) as transaction:
        [[unsealed]] = transaction.change(_UNSEALED, **month.bounds)
        if unsealed:
            raise ArchiveError(f"{unsealed} events of {month.name} are not sealed")
        with fresh.open("wb") as opened:
            written = 0
            for line in _lines(transaction, month):
                opened.write(line)
                written += 1
            opened.flush()
            os.fsync(opened.fileno())
    fresh.replace(file)
    return written


def check(database: Database, month: Month, file: Path) -> tuple[int, bytes]:
    """Read an archive again, against the leaves: how many events, and its SHA-256. Raises `ArchiveError`.

    Of a month that was purged it must be the very file of then, as the log says; of another, all that is there.
    """
    digest, events, last = hashlib.sha256(), 0, -1
    waiting: dict[int, bytes] = {}
    with Transaction(database) as transaction, file.open("rb") as opened:
        for line in opened:
            digest.update(line)
            index, entry = _read(line)
            if index <= last or not _is_of(entry, month):
                raise ArchiveError(f"{file}: event {index} does not belong there")
            last, waiting[index] = index, leaf_hash(entry)
            events += 1
            if len(waiting) == _CHUNK:
                _compare(transaction, file, waiting)
        _compare(transaction, file, waiting)
        [[there]] = transaction.read(_COUNT, **month.bounds)
        gone = transaction.read(_GONE, month=month.first)
    if gone and not there:
        if (events, digest.digest()) != (gone[0][0], bytes(gone[0][1])):
            raise ArchiveError(f"{file} is not the archive with which {month.name} was purged")
    elif there != events:
        raise ArchiveError(f"{file} has {events} events of {month.name}, and the database {there}")
    return events, digest.digest()


def entry_at(file: Path, place: int) -> bytes | None:
    """The event at this place of the tree, as an archive holds it. Raises `ArchiveError`, `OSError`."""
    with file.open("rb") as opened:
        for line in opened:
            index, entry = _read(line)
            if index == place:
                return entry
    return None


def purge(owner: Database, month: Month, file: Path, at: datetime, given: Consent) -> int:
    """Take a month out of the database whose archive this is, and write that down; how many events.

    Raises `ArchiveError` when the file is not all of that month, and `NotAgreedError`. `owner`: of the migrating role.
    """
    events, archive = check(owner, month, file)
    names = [f"{home}_{month.first:%Y_%m}" for home in ("audit_events", "audit_erasable")]
    with Transaction(owner) as transaction:
        for name in names:
            if not transaction.read(_EXISTS, name=name)[0][0]:
                raise ArchiveError(f"{month.name} has no partition of its own: it can't be purged")
        alarm = {"reason": "log_purged_alone", "month": month.name}
        said, apart = consent(transaction, given, Step(PURGE, month.name, alarm), at)
        log = PostgresAuditLog(transaction)
        evidence = {"month": month.name, "events": events, "archive": archive.hex(), **said}
        log.append(LogPurged(evidence=evidence, erasable=apart), at=at)
        log.flush()
        if transaction.count(_PURGED, month=month.first, name=month.name, events=events, archive=archive, at=at) != 1:
            raise ArchiveError(f"{month.name} was purged before")
        for name in names:
            transaction.change(Query(text(f'DROP TABLE "{name}"')))
        for copies in _COPIES:
            transaction.change(copies, **month.bounds)
        log.commit()
    return events


def _is_of(entry: bytes, month: Month) -> bool:
    try:
        return str(json.loads(entry)["recorded_at"]).startswith(f"{month.name}-")
    except (ValueError, LookupError, TypeError):
        return False


def _lines(transaction: Transaction, month: Month) -> Iterator[bytes]:
    transaction.change(_OPEN, **month.bounds)
    while rows := transaction.change(_FETCH):
        for index, leaf, *columns in rows:
            entry = log_entries.entry(columns)
            if leaf_hash(entry) != bytes(leaf):
                raise ArchiveError(f"event {index} is not what was sealed: run `vad audit verify`")
            yield b'{"index":%d,"event":%b}\n' % (index, entry)
    transaction.change(_CLOSE)


def _read(line: bytes) -> tuple[int, bytes]:
    head, _, entry = line.removesuffix(b"}\n").partition(b',"event":')
    number = head.removeprefix(b'{"index":')
    if not number.isdigit():
        raise ArchiveError("that is not an archive of the log")
    return int(number), entry


def _compare(transaction: Transaction, file: Path, waiting: dict[int, bytes]) -> None:
    rows = transaction.read(_HASHES, indexes=sorted(waiting))
    if {index: bytes(leaf) for index, leaf in rows} != waiting:
        raise ArchiveError(f"{file} is not what was sealed")
    waiting.clear()
