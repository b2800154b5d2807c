"""Whether the schema of the database will do for this release."""

from sqlalchemy import func, literal_column, select, text

from vad.adapters.postgres import revisions
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.errors import StoreUnavailableError

_VERSION = Query(select(literal_column("version_num")).select_from(text("alembic_version")))
_IS_THERE = Query(select(func.to_regclass(literal_column("'alembic_version'"))))


def is_newest(database: Database) -> bool:
    """Whether the schema is the one of this very release."""
    with Transaction(database) as transaction:
        if transaction.read(_IS_THERE)[0][0] is None:
            return False
        return [row[0] for row in transaction.read(_VERSION)] == [revisions.known()[-1]]


class SchemaCheck:
    """A newer schema will do: it is made before the release that needs it is started. An older one will not."""

    def __init__(self, database: Database) -> None:
        self._database = database
        *older, _head = revisions.known()
        self._older = frozenset(older)

    def __call__(self) -> None:
        """Raise `StoreUnavailableError` while it is older, or not there at all."""
        with Transaction(self._database) as transaction:
            rows = transaction.read(_VERSION)
        if not rows or rows[0][0] in self._older:
            raise StoreUnavailableError("PostgreSQL: the schema is older than this release")
