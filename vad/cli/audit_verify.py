"""`vad audit verify`: whether the log is whole."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from vad.adapters.postgres.audit import PostgresAuditLog
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.tlog.directory import PublishedDirectory
from vad.adapters.tlog.ed25519 import verify as verify_signature
from vad.bootstrap.log_keeping import known_keys, log_database
from vad.cli.audit_files import CHECKPOINT, FOLDER, read_checkpoint, write_text
from vad.cli.common import known_settings, plain_errors
from vad.domain.checkpoint import SignedCheckpoint, VerifierKey
from vad.services.log_report import Report
from vad.services.log_verifying import LogVerification, Trusted, first_kept
from vad.services.log_wholeness import outcome
from vad.services.ports.log_reading import ReadCheckpoint

_NOT_WHOLE = 3
"""The exit status for it; 1 is that it could not be looked at, 2 that the question was wrong."""
_BETWEEN = 1.0
"""Seconds between two lines of progress."""
_SAVED_EVERY = 60.0
"""Seconds of work that a kill can cost, more or less."""


@click.command()
@click.option("--key", "keys", multiple=True, help="A public key of the log that you trust [default: the settings'].")
@click.option("--checkpoint", "outside", type=CHECKPOINT, multiple=True, help="A checkpoint that you kept elsewhere.")
@click.option(
    "--from",
    "start",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Begin after this checkpoint: up to it all was verified before. If --save names the same file it may be"
    " missing: then at the first event.",
)
@click.option("--published", type=FOLDER, help="The folder with the published tiles: then what differs has a place.")
@click.option("--record", is_flag=True, help="Write in the log that it was verified, and what was found.")
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Keep the newest checkpoint here, and on the way each up to which all is well: the next --from.",
)
@click.option(
    "--allow-untold",
    "untold",
    type=click.IntRange(min=0),
    default=0,
    help="So many events were erased without an event that says so, and you know of them.",
)
def verify(  # noqa: PLR0913 - options of a command
    keys: tuple[str, ...],
    outside: tuple[Path, ...],
    start: Path | None,
    published: Path | None,
    save: Path | None,
    untold: int,
    *,
    record: bool,
) -> None:
    """Hold every event against the tree, and the tree against everything that was signed; name the first fault.

    Exit status 3 when the log is not whole. Without --key or --checkpoint it believes the settings, which whoever
    changed the log may have changed as well.
    """
    with plain_errors():
        known = known_settings()
        trusted = Trusted(
            keys=[VerifierKey.parse(text) for text in keys] or known_keys(known),
            verify=verify_signature,
            outside=[read_checkpoint(file) for file in outside],
            start=_begun(start, save),
            published=PublishedDirectory(published).tile if published else None,
            kept_from=first_kept(known.operator.log_years, datetime.now(UTC)),
            untold=untold,
        )
        if not trusted.keys:
            raise click.ClickException("no key to believe: give --key, or set audit.checkpoint_key_file")
        begun = time.monotonic()
        with Transaction(log_database(known)) as transaction:
            log = PostgresLogReader(transaction)
            newest = log.newest()
            report = LogVerification(log, trusted, _progress(), _saving(save)).run()
        if record:
            with Transaction(log_database(known)) as transaction:
                told = PostgresAuditLog(transaction)
                told.append(outcome(report), at=datetime.now(UTC))
                told.commit()
    _tell(report, trusted, time.monotonic() - begun)
    if report.trouble:
        raise SystemExit(_NOT_WHOLE)
    if save is not None and newest is not None:
        write_text(save, newest.note)


def _tell(report: Report, trusted: Trusted, seconds: float) -> None:
    for each in report.found:
        event = f" ({each.event_id})" if each.event_id else ""
        click.echo(f"{each.fault.upper()} event {each.index}{event}: {each.text}")
    if report.trouble > len(report.found):
        click.echo(f"… and {report.trouble - len(report.found)} more")
    for purge in report.purges:
        click.echo(f"{purge.month}: {purge.events} events in an archive, SHA-256 {purge.archive}")
    click.echo(
        f"{report.size} events in the tree, root {report.root.hex() or 'none'}; {report.checked} hashed again, "
        f"{report.purged} in archives, {report.erased} with erased fields"
        f" ({report.untold} without an event that says so); {seconds:.1f} s"
    )
    click.echo("keys: " + " ".join(map(str, trusted.keys)))
    click.echo("NOT WHOLE" if report.trouble else "WHOLE")


def _begun(start: Path | None, save: Path | None) -> SignedCheckpoint | None:
    if start is None or (start == save and not start.exists()):
        return None
    if not start.exists():
        raise click.UsageError(f"{start}: there is no such file")
    return read_checkpoint(start)


def _saving(save: Path | None) -> Callable[[ReadCheckpoint], None]:
    saved: float | None = None

    def passed(checkpoint: ReadCheckpoint) -> None:
        nonlocal saved
        if save is not None and (saved is None or time.monotonic() - saved >= _SAVED_EVERY):
            write_text(save, checkpoint.note)
            saved = time.monotonic()

    return passed


def _progress() -> Callable[[int, int], None]:
    told = time.monotonic()

    def tell(done: int, size: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _BETWEEN:
            told = time.monotonic()
            click.echo(f"{done} of {size}", err=True)

    return tell
