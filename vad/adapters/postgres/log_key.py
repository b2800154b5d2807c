"""Which key signs the log, and since when, as the log itself has it."""

from collections.abc import Iterable

from sqlalchemy import text

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.checkpoint import SignedCheckpoint, VerifierKey
from vad.services.key_overview import LogKey

# Of the first key of all there is no event.
SINCE = """
    COALESCE(
        (SELECT max(recorded_at) FROM audit_events WHERE type = 'log.key_used'),
        (SELECT signed_at FROM log_checkpoints ORDER BY size LIMIT 1)
    )
"""
_NEWEST = Query(text(f"SELECT note, {SINCE} FROM log_checkpoints ORDER BY size DESC LIMIT 1"))  # noqa: S608


def log_key(database: Database, known: Iterable[VerifierKey]) -> LogKey | None:
    """The key of the newest checkpoint, with its public half where that is known; None before there is one."""
    with Transaction(database) as transaction:
        rows = transaction.read(_NEWEST)
    for note, since in rows:
        [first, *_] = SignedCheckpoint.parse(note).signatures
        public = next((str(key) for key in known if key.key_id == first.key_id), "")
        return LogKey(f"{first.name}+{first.key_id.hex()}", public, since)
    return None
