"""A case that was closed goes after its term, with all that was written in it.

The database takes it away itself (`forget_cases`): nobody who writes cases has the right to erase one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction

_YEAR = timedelta(days=365.25)
_FORGET = Query(text("SELECT forget_cases(:before)"))


@dataclass(frozen=True, slots=True)
class ClosedCases:
    """A chore of the worker."""

    database: Database
    years: int
    """So many after it was closed (`operator.case_years`)."""

    def __call__(self, at: datetime) -> int:
        """Forget a batch of those of which the term is over; how many."""
        with Transaction(self.database) as transaction:
            [[forgotten]] = transaction.change(_FORGET, before=at - self.years * _YEAR)
            transaction.commit()
        return int(forgotten)
