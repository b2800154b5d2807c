"""What PostgreSQL's errors become. Their own text quotes values ("Failing row contains …"), so none of it is repeated.

VadError
├── StoreUnavailableError   away, read-only, too slow, or too busy: trying again later may help
└── StoreFaultError         a defect or a database that does not fit this release: an operator must look
"""

import psycopg2
import psycopg2.errors
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from vad.domain.errors import StoreUnavailableError, VadError

READ_ONLY = "25006"
"""SQLSTATE read_only_sql_transaction: we talk to a standby."""

_UNAVAILABLE = frozenset({READ_ONLY, "25P03", "25P04"})
"""SQLSTATEs that psycopg2 counts as internal errors: read-only, and idle or long transactions that were ended."""


class StoreFaultError(VadError):
    """PostgreSQL refused what we asked. The text names the SQLSTATE and the violated constraint, never a value."""


def translate(error: Exception) -> VadError:
    """Return the error of ours that stands for this one of psycopg2 or SQLAlchemy. Raise it `from None`."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, PoolTimeoutError):
        return StoreUnavailableError("PostgreSQL: every connection is in use")
    if not isinstance(cause, psycopg2.Error):
        return StoreFaultError(f"PostgreSQL: {type(cause).__name__}")
    what = " ".join(filter(None, ("PostgreSQL:", type(cause).__name__, cause.pgcode)))
    if isinstance(cause, psycopg2.OperationalError | psycopg2.InterfaceError) or cause.pgcode in _UNAVAILABLE:
        return StoreUnavailableError(what)
    constraint = cause.diag.constraint_name
    return StoreFaultError(f"{what} {constraint}" if constraint else what)


def outdated(error: Exception) -> bool:
    """Tell whether a connection that gave this error has prepared statements of which the tables have changed since."""
    return isinstance(error, psycopg2.errors.FeatureNotSupported)


def leads_nowhere(error: Exception) -> bool:
    """Tell whether a connection that gave this error, though open, is to a server that won't take what we write."""
    return isinstance(error, psycopg2.Error) and error.pgcode == READ_ONLY
