"""`vad keys`: the keys of VAD."""

from datetime import UTC, datetime

import click

from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.vault.keyring import KeyRing
from vad.bootstrap.foundation import master_key
from vad.cli.common import known_settings, migrated, plain_errors


@click.group()
def keys() -> None:
    """The keys of VAD."""


@keys.command()
def init() -> None:
    """Make the keys that are missing; existing ones stay as they are."""
    with plain_errors():
        known = known_settings()
        store, master = PostgresKeys(migrated(known)), master_key(known)
        made = store.add_missing(master, datetime.now(UTC))
        # A master key that does not open what is there would only show when VAD starts.
        KeyRing(master, store.load())
    click.echo(f"{len(made)} keys made")
