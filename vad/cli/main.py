"""The `vad` command itself."""

import click

from vad.cli.clients import clients
from vad.cli.db import db
from vad.cli.doctor import doctor
from vad.cli.keys import keys
from vad.cli.serve import serve
from vad.cli.worker import worker


@click.group()
def cli() -> None:
    """VAD, the trusted authentication service. Settings: VAD_CONFIG (folders with TOML) and VAD__SECTION__NAME."""


for command in (clients, db, doctor, keys, serve, worker):
    cli.add_command(command)


def main() -> None:
    """Run the command. The sandbox is attached where it is installed: a production image has none."""
    try:
        from vad.sandbox.demo.command import demo  # noqa: PLC0415 - optional by design
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("vad.sandbox"):
            raise
    else:
        cli.add_command(demo)
    cli()
