"""The migrations and the rows say the same, and upgrading is safe to repeat."""

from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from tests.support.database import FreshDatabase, Server, ask, new_database, role_of
from vad.adapters.postgres import migrate, revisions
from vad.adapters.postgres.migrate import MigrationError
from vad.adapters.postgres.schema import Base
from vad.domain.errors import StoreUnavailableError

_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(pg_constraint.oid)
FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE connamespace = 'public'::regnamespace AND relname <> 'alembic_version' AND NOT relispartition
"""
_INDEXES = """
SELECT tablename, indexname, indexdef FROM pg_indexes JOIN pg_class ON pg_class.oid = tablename::regclass
WHERE schemaname = 'public' AND tablename <> 'alembic_version' AND NOT relispartition
"""
_COLUMNS = """
SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull,
    col_description(attrelid, attnum)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND attnum > 0
    AND relname <> 'alembic_version'
"""


def _schema(url: str) -> set[tuple[Any, ...]]:
    return {*ask(url, _CONSTRAINTS), *ask(url, _INDEXES), *ask(url, _COLUMNS)}


def test_the_migrations_make_what_the_rows_describe(database: FreshDatabase) -> None:
    """Alembic finds nothing that it would still have to do."""
    assert migrate.differences(database.migrate_url) == []
    assert migrate.current(database.app_url) == migrate.head()


def test_the_migrations_make_it_to_the_letter(postgres: Server, database: FreshDatabase) -> None:
    """Constraints, indexes, types and comments are the same as when the rows make the tables themselves."""
    with new_database(postgres) as made:
        engine = create_engine(made.migrate_url, poolclass=NullPool)
        Base.metadata.create_all(engine)
        assert _schema(database.migrate_url) == _schema(made.migrate_url)


def test_a_difference_is_found(postgres: Server, migrated_template: str) -> None:
    """The check of the check: a column, and a constraint that Alembic would overlook."""
    with new_database(postgres, migrated_template) as made:
        ask(made.migrate_url, "ALTER TABLE clients DROP COLUMN organisation")
        ask(made.migrate_url, "ALTER TABLE outbox DROP CONSTRAINT ck_outbox_state_known")
        found = " ".join(migrate.differences(made.migrate_url))
        assert "organisation" in found
        assert "ck_outbox_state_known" in found


def test_upgrading_again_changes_nothing(postgres: Server) -> None:
    """An operator may run it at every start; a database that was never migrated says so."""
    with new_database(postgres) as made:
        assert migrate.current(made.app_url) is None
        for _ in range(2):
            migrate.upgrade(made.migrate_url, app_role=role_of(made.app_url))
        assert migrate.current(made.app_url) == migrate.head()


def test_upgrading_is_all_or_nothing(postgres: Server) -> None:
    """An upgrade that can't finish leaves the database as it was."""
    with new_database(postgres) as made:
        with pytest.raises(MigrationError, match="nobody_has_made_it"):
            migrate.upgrade(made.migrate_url, app_role="nobody_has_made_it")
        ask(made.migrate_url, "CREATE TABLE outbox ()")
        with pytest.raises(Exception, match="DuplicateTable"):
            migrate.upgrade(made.migrate_url, app_role=role_of(made.app_url))
        assert migrate.current(made.migrate_url) is None
        assert ask(made.migrate_url, "SELECT to_regclass('persons')") == [(None,)]


def test_revisions_are_known_without_alembic() -> None:
    """What the web process takes from the names of the files is what Alembic reads in them."""
    *older, head = revisions.known()
    assert head == migrate.head()
    assert {*older, head} == migrate.revisions()


def test_an_unreachable_database_is_told_without_its_password() -> None:
    """The error names no address and no password."""
    with pytest.raises(StoreUnavailableError) as refused:
        migrate.current("postgresql+psycopg2://vad:geheim@127.0.0.1:1/vad")
    assert "geheim" not in str(refused.value)
