"""Of checkpoints that are some days old one an hour is enough: twice a second one is signed, and 420 bytes add up.

The database drops the others itself (`thin_log_checkpoints`), and refuses every other drop: nobody has that right.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction

_THIN = Query(text("SELECT thin_log_checkpoints()"))
_LACKING = Query(
    text("""
    WITH next AS (
        SELECT date_trunc('hour', signed_at, 'UTC') AS begun FROM log_checkpoints
        WHERE signed_at >= COALESCE((SELECT max(hour) + interval '1 hour' FROM log_thinnings), '-infinity')
            AND signed_at < date_trunc('day', now(), 'UTC') - interval '1 day'
        ORDER BY signed_at LIMIT 1
    )
    SELECT min(c.previous) FROM next JOIN log_checkpoints AS c ON signed_at >= begun
        AND signed_at < begun + interval '1 hour' AND c.previous > 0
    WHERE NOT EXISTS (SELECT FROM log_checkpoints AS p WHERE p.size = c.previous)
    """)
)


@dataclass(frozen=True, slots=True)
class CheckpointThinning:
    """A chore of the worker: one hour at a time, the oldest first."""

    database: Database

    def __call__(self, _at: datetime) -> int:
        """Thin an hour; 0 once there is none that may be. What is old enough the database tells by its own clock."""
        with Transaction(self.database) as transaction:
            [[hours]] = transaction.change(_THIN)
            transaction.commit()
        return int(hours)


def lacking(database: Database) -> int | None:
    """The checkpoint that keeps the next hour from being thinned, because it is gone; None: nothing does."""
    with Transaction(database) as transaction:
        [[size]] = transaction.read(_LACKING)
    return None if size is None else int(size)
