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
