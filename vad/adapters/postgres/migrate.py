"""Bringing a database to this release's schema, and telling whether it is there. Alembic, configured here alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect, text
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from vad.adapters.postgres import (
    approval_rows,
    audit_rows,
    granting,
    index_building,
    log_rows,
    mandate_rows,
    notice_rows,
    registration_rows,
    rows,
    staff_rows,
)
from vad.adapters.postgres.admin_rights import ADMIN_GRANTED
from vad.adapters.postgres.database import parse
from vad.adapters.postgres.errors import translate
from vad.adapters.postgres.schema import Base, Xid8
from vad.adapters.postgres.worker_rights import WORKER_FUNCTIONS, WORKER_GRANTED
from vad.domain.errors import VadError

_LOCK = 0x_7661_6420_6462  # "vad db": the advisory lock of whoever migrates
_LOCK_TIMEOUT = "5s"
"""A migration that waits for a table makes everybody behind it wait as well: it gives up instead."""
_STATEMENT_TIMEOUT = "10min"
_PARTITIONS = "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'"
"""Each is as its table is, and there are more of them every month."""
_DESCRIBED_BY = (
    rows,
    approval_rows,
    audit_rows,
    log_rows,
    mandate_rows,
    notice_rows,
    registration_rows,
    staff_rows,
)  # importing them is what makes the metadata whole


class MigrationError(VadError):
    """The database can't be brought to this schema; the text says what to do."""


def upgrade(
    migrate_url: str,
    *,
    app_role: str,
    admin_role: str | None = None,
    worker_role: str | None = None,
    revision: str = "head",
) -> None:
    """Bring the database to `head()`, all or nothing, one at a time. `app_role` is the user in the service's URL.

    Indexes of the log come after that, a month at a time: what broke off is done by whoever calls this again.

    `admin_role` and `worker_role` are those of the administration and the worker, where they are known. An earlier
    `revision` is what an earlier release had, which knew neither.

    Raises `MigrationError`, `StoreUnavailableError`, `StoreFaultError`.
    """
    with _connected(migrate_url) as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text("SELECT set_config('lock_timeout', :time, true)"), {"time": _LOCK_TIMEOUT})
        connection.execute(text("SELECT set_config('statement_timeout', :time, true)"), {"time": _STATEMENT_TIMEOUT})
        roles = [role for role in (app_role, admin_role, worker_role) if role is not None]
        for role in roles:
            known = connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role})
            if not known:
                raise MigrationError(f"there is no role {role}: create it, with LOGIN and without any privilege")
        if len(set(roles)) < len(roles):
            raise MigrationError("the administration and the worker need a role of their own in PostgreSQL")
        command.upgrade(_config(connection=connection, app_role=app_role), revision)
        if admin_role is not None:
            granting.grant(connection, admin_role, ADMIN_GRANTED)
        if worker_role is not None:
            granting.grant(connection, worker_role, WORKER_GRANTED, WORKER_FUNCTIONS)
    with _connected(migrate_url) as connection:
        index_building.build(connection)


def current(url: str) -> str | None:
    """Return the revision the database is at; None for one that was never migrated. Any role may ask."""
    with _connected(url) as connection:
        return _context(connection).get_current_revision()


def head() -> str:
    """Return the revision of this release."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise MigrationError("this installation lacks its migrations")
    return revision


def revisions() -> set[str]:
    """Every revision that this release knows."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def differences(url: str) -> list[str]:
    """Return how the database differs from the rows; empty when the migrations are in step with them."""
    with _connected(url) as connection:
        found = [_describe(difference) for difference in compare_metadata(_context(connection), Base.metadata)]
        return found + _constraint_differences(connection)


def _describe(difference: Any) -> str:
    """One difference, or a list of several about one column, in words that hold names alone."""
    return ", ".join(map(str, difference)) if isinstance(difference, list | tuple) else str(difference)


def _constraint_differences(connection: Connection) -> list[str]:
    """CHECK constraints by name, which Alembic does not look at."""
    inspector = inspect(connection)
    found = []
    for table in Base.metadata.sorted_tables:
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        present = {str(c["name"]) for c in inspector.get_check_constraints(table.name)}
        found += [f"{table.name}: constraint {name}" for name in sorted(wanted ^ present)]
    return found


def _context(connection: Connection) -> MigrationContext:
    ischema_names.setdefault("xid8", Xid8)
    partitions = set(connection.scalars(text(_PARTITIONS)))
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": lambda name, kind, _parents: kind != "table" or name not in partitions,
    }
    return MigrationContext.configure(connection, opts=options)


def _config(**attributes: object) -> Config:
    config = Config()
    # Config reads % as interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes.update(attributes)
    return config


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(
        parse(url),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "application_name": "vad-migrate"},
    )
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise translate(error) from None
