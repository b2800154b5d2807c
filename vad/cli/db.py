"""`vad db`: the schema of PostgreSQL."""

import click

from vad.adapters.postgres import migrate
from vad.adapters.postgres.database import parse
from vad.cli.common import known_settings, migrate_url, plain_errors


@click.group()
def db() -> None:
    """The schema of PostgreSQL."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date."""
    with plain_errors():
        known = known_settings()
        migrate.upgrade(migrate_url(known), app_role=parse(known.database.url.get_secret_value()).username or "")
    click.echo(f"the schema is at {migrate.head()}")
