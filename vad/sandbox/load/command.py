"""The command line of `vad sandbox`."""

import time
from pathlib import Path

import click

from vad import settings
from vad.adapters.configuration.files import ConfigurationFileError
from vad.domain.errors import VadError
from vad.sandbox.demo.configuration import DEFAULTS
from vad.sandbox.demo.state import State
from vad.sandbox.errors import SandboxError
from vad.sandbox.load import numbers
from vad.sandbox.load.loader import Loader, Wanted, open_sandbox

_MOST_EACH = 20
"""So many of the others for each person, at most: more would be no truthful picture."""


@click.group()
def sandbox() -> None:
    """What is done to a sandbox. A production image has none of this."""


@sandbox.command()
@click.option("--persons", type=click.IntRange(2, numbers.MOST), default=1_000_000, show_default=True)
@click.option("--mandates", type=click.IntRange(0), default=500_000, show_default=True)
@click.option("--consents", type=click.IntRange(0), default=2_000_000, show_default=True)
@click.option(
    "--state",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".demo"),
    show_default=True,
    envvar="VAD_DEMO_STATE",
    metavar="DIR",
    help="The state folder of the demo, which must be running; VAD_CONFIG names another sandbox.",
)
def load(persons: int, mandates: int, consents: int, folder: Path) -> None:
    """Fill PostgreSQL with persons, mandates and consents as VAD itself writes them.

    What is stopped goes on where it was when the same numbers are asked for again.
    """
    if max(mandates, consents) > _MOST_EACH * persons:
        raise click.UsageError(f"at most {_MOST_EACH} mandates and {_MOST_EACH} consents for each person")
    begun = time.monotonic()
    try:
        loader = Loader(open_sandbox(settings.load(settings.config_folders() or _demo(folder))))
        first = loader.first_lacking(persons)
        if first:
            click.echo(f"{first} persons are there already")
        with click.progressbar(length=persons, label="Persons, and what they agreed to") as bar:
            bar.update(first)
            for done in loader.load(Wanted(persons, mandates, consents), first):
                bar.update(done)
        loader.look_through()
    except (ConfigurationFileError, SandboxError, VadError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{persons} persons, {mandates} mandates, {consents} consents: {time.monotonic() - begun:.0f} s")


def _demo(folder: Path) -> tuple[Path, ...]:
    """Where the demo of this state folder keeps its settings. Raises `SandboxError`."""
    configuration = State(folder).configuration
    if not configuration.is_dir():
        raise SandboxError(f"there is no demo in {folder}: start one with `vad demo`")
    return DEFAULTS, configuration
