"""The database as the role that owns its schema, for commands that need that."""

import click

from vad import settings
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.schema_check import is_newest


def migrate_url(known: settings.Settings) -> str:
    """The address for the role that owns the schema; without one there is no going on."""
    if known.database.migrate_url is None:
        raise click.ClickException("set database.migrate_url: the role that owns the schema")
    return known.database.migrate_url.get_secret_value()


def migrated(known: settings.Settings, limits: Limits | None = None) -> Database:
    """The database, as the role that owns the schema; refused while the schema is not the one of this release."""
    database = Database(migrate_url(known), limits)
    if not is_newest(database):
        database.close()
        raise click.ClickException("the schema is not up to date: run `vad db upgrade` first")
    return database
