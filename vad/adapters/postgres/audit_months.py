"""The log has one partition a month, made ahead: a month without one would end up among all that has none."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction

# As the migration does that made the first of them. So long may nobody run `vad worker`.
_KEEP = Query(
    text("SELECT keep_audit_months(CAST(:today AS date), CAST(CAST(:today AS date) + interval '3 months' AS date))")
)
_STATE = Query(
    text("""
    SELECT count(*), (SELECT count(*) FROM audit_events_default), (SELECT count(*) FROM audit_erasable_default)
    FROM (VALUES (now()), (now() + interval '1 month')) AS months (month)
    WHERE to_regclass(format('%I.audit_events%s', current_schema(), to_char(month, '_YYYY_MM'))) IS NOT NULL
    """)
)


@dataclass(frozen=True, slots=True)
class AuditMonths:
    """A chore of the worker: the partitions from this month on."""

    database: Database

    def __call__(self, at: datetime) -> int:
        """Make what is missing of them; returns how many."""
        with Transaction(self.database) as transaction:
            [[made]] = transaction.change(_KEEP, today=at.date())
            transaction.commit()
        return int(made)


def ahead(database: Database) -> tuple[int, int]:
    """How many of this month and the next have their partition, and how many rows are in none."""
    with Transaction(database) as transaction:
        [[months, events, erasable]] = transaction.read(_STATE)
    return months, events + erasable
