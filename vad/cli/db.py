"""`vad db`: the schema of PostgreSQL."""

from datetime import UTC, datetime

import click

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
        admin_url = known.admin.database_url
        migrate.upgrade(
            migrate_url(known),
            app_role=parse(known.database.url.get_secret_value()).username or "",
            admin_role=parse(admin_url.get_secret_value()).username if admin_url is not None else None,
        )
    click.echo(f"the schema is at {migrate.head()}")


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
