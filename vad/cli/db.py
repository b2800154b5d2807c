"""`vad db`: the schema of PostgreSQL."""

from datetime import UTC, datetime

import click
from pydantic import SecretStr

from vad.adapters.postgres import migrate, restored
from vad.adapters.postgres.database import Database, Limits, parse
from vad.cli.common import known_settings, plain_errors
from vad.cli.schema import migrate_url, migrated


@click.group()
def db() -> None:
    """The schema of PostgreSQL."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date."""
    with plain_errors():
        known = known_settings()
        migrate.upgrade(
            migrate_url(known),
            app_role=_role(known.database.url) or "",
            admin_role=_role(known.admin.database_url),
            worker_role=_role(known.worker.database_url),
        )
    click.echo(f"the schema is at {migrate.head()}")


def _role(url: SecretStr | None) -> str | None:
    return parse(url.get_secret_value()).username if url is not None else None


@db.command("restored")
def after_restore() -> None:
    """End all that people agreed to, after a backup was put back: some of it was stopped since it was made."""
    with plain_errors():
        known = known_settings()
        migrated(known).close()
        # Every row of them is written to, once: that takes longer than a request may.
        owner = Database(migrate_url(known), Limits(connections=1, statement=600_000))
        ended = restored.end_everything(owner, datetime.now(UTC))
    told = f"{ended.grants} grants, {ended.consents} consents, {ended.mandates} mandates, {ended.assents} assents"
    click.echo(f"ended: {told}")
