"""The command line of `vad demo`."""

import tempfile
from pathlib import Path

import click

from vad.bootstrap.loading import load
from vad.sandbox.demo.configuration import Addition
from vad.sandbox.demo.conformance import DEFAULT_SUITE, NAMES, ProfileSet
from vad.sandbox.demo.layout import DEFAULT_BASE, Layout
from vad.sandbox.demo.ministry import DEFAULT_PORT, Ministry
from vad.sandbox.demo.state import State
from vad.sandbox.errors import SandboxError

_FOLDER = click.Path(file_okay=False, path_type=Path)
_DEFAULT_STATE = Path(".demo")
_RUNNER = "vad.sandbox.demo.runner"
"""Loaded where a demo starts: the other uses of this command need none of all that it brings."""
_PORTS = f"The first of 15 ports, of 29 with --tls [default: {DEFAULT_BASE}]."


@click.command()
@click.option("--port", "base", type=int, metavar="BASE", help=_PORTS)
@click.option(
    "--config",
    "overlays",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    multiple=True,
    metavar="DIR",
    help="Lay the TOML files of this folder over the demo's own; may be given more than once.",
)
@click.option(
    "--persons",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Add the persons of this file of the Haal Centraal personen-mock (.json); may be given more than once.",
)
@click.option(
    "--state",
    "folder",
    type=_FOLDER,
    envvar="VAD_DEMO_STATE",
    metavar="DIR",
    help="Where data, keys and logs are kept [default: .demo].",
)
@click.option("--tls", is_flag=True, help="Serve everything over https, at names under localhost.")
@click.option(
    "--profile-set",
    metavar="SET",
    help="Register what the OpenID Foundation's suite needs, and write its configuration: conformance[-basic].",
)
@click.option(
    "--ministry",
    type=click.IntRange(1, 65534),
    is_flag=False,
    flag_value=f"{DEFAULT_PORT}",
    metavar="[PORT]",
    help=f"Register the clients of the ministry's proof of concept, and play its pages [default: {DEFAULT_PORT}].",
)
@click.option("--suite", default=DEFAULT_SUITE, show_default=True, metavar="URL", help="Where that suite is.")
@click.option("--check", is_flag=True, help="Walk the main job on free ports, say of each step how it went, and stop.")
@click.option("--reset", is_flag=True, help="Forget all data and keys of the demo, and stop.")
def demo(  # noqa: PLR0913, PLR0917 - one per option
    base: int | None,
    overlays: tuple[Path, ...],
    persons: tuple[Path, ...],
    folder: Path | None,
    profile_set: str | None,
    ministry: int | None,
    suite: str,
    *,
    tls: bool,
    check: bool,
    reset: bool,
) -> None:
    """Run VAD on this machine with a mock DigiD, registers, an app and data sources around it.

    PostgreSQL and Redis are brought along, unless VAD__DATABASE__URL (with VAD__DATABASE__MIGRATE_URL) and
    VAD__REDIS__URL name others.
    """
    _fit(profile_set, ministry, persons, tls=tls, check=check, reset=reset)
    overlays += persons
    try:
        if reset:
            state = State(folder or _DEFAULT_STATE)
            known = state.folder.exists()
            state.forget()
            click.echo(f"Forgot the demo in {state.folder}" if known else f"There was no demo in {state.folder}")
        elif check:
            layout = Layout.free(tls=tls) if base is None else Layout(base, tls)
            if not _check(folder, layout, overlays):
                raise click.exceptions.Exit(1)
        else:
            layout = Layout(DEFAULT_BASE if base is None else base, tls)
            chosen = _addition(profile_set, suite, ministry)
            load(_RUNNER).demo(State(folder or _DEFAULT_STATE), layout, overlays, click.echo, chosen)
    except SandboxError as error:
        raise click.ClickException(str(error)) from error


def _fit(
    profile_set: str | None, ministry: int | None, persons: tuple[Path, ...], *, tls: bool, check: bool, reset: bool
) -> None:
    """Refuse options that do not go together."""
    if check and reset:
        raise click.UsageError("--check and --reset do not go together")
    if profile_set is not None and profile_set not in NAMES:
        raise click.UsageError(f"--profile-set is one of {', '.join(NAMES)}")
    if profile_set is not None and not tls:
        raise click.UsageError("--profile-set goes with --tls")
    if profile_set is not None and (check or reset):
        raise click.UsageError("--profile-set goes with neither --check nor --reset")
    if ministry is not None and (profile_set is not None or check or reset):
        raise click.UsageError("--ministry goes with none of --profile-set, --check and --reset")
    if any(file.suffix != ".json" for file in persons):
        raise click.UsageError("--persons takes a .json file")


def _addition(profile_set: str | None, suite: str, ministry: int | None) -> Addition | None:
    if ministry is not None:
        return Ministry(ministry)
    return None if profile_set is None else ProfileSet(profile_set, suite.rstrip("/"))


def _check(folder: Path | None, layout: Layout, overlays: tuple[Path, ...]) -> bool:
    """Check in `folder`, or in a temporary one, which is kept only when something failed, for its logs."""
    state = State(folder or Path(tempfile.mkdtemp(prefix="vad-demo-")))
    good = False
    try:
        good = bool(load(_RUNNER).check(state, layout, overlays, click.echo))
    finally:
        if not good:
            click.echo(f"The logs are in {state.logs}")
        elif folder is None:
            state.forget()
    return good
