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
from vad.cli.audit_files import CHECKPOINT, FOLDER, read_checkpoint
from vad.cli.common import known_settings, plain_errors
from vad.domain.checkpoint import VerifierKey
from vad.services.log_verifying import LogVerification, Report, Trusted, first_kept
from vad.services.log_wholeness import outcome

_NOT_WHOLE = 3
"""The exit status for it; 1 is that it could not be looked at, 2 that the question was wrong."""
_BETWEEN = 1.0
"""Seconds between two lines of progress."""


@click.command()
@click.option("--key", "keys", multiple=True, help="A public key of the log that you trust [default: the settings'].")
@click.option("--checkpoint", "outside", type=CHECKPOINT, multiple=True, help="A checkpoint that you kept elsewhere.")
@click.option("--from", "start", type=CHECKPOINT, help="Begin after this checkpoint: up to it all was verified before.")
@click.option("--published", type=FOLDER, help="The folder with the published tiles: then what differs has a place.")
@click.option("--record", is_flag=True, help="Write in the log that it was verified, and what was found.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Keep the newest checkpoint here.")
def verify(
    keys: tuple[str, ...],
    outside: tuple[Path, ...],
    start: Path | None,
    published: Path | None,
    save: Path | None,
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
            start=read_checkpoint(start) if start else None,
            published=PublishedDirectory(published).tile if published else None,
            kept_from=first_kept(known.operator.log_years, datetime.now(UTC)),
        )
        if not trusted.keys:
            raise click.ClickException("no key to believe: give --key, or set audit.checkpoint_key_file")
        begun = time.monotonic()
        with Transaction(log_database(known)) as transaction:
            log = PostgresLogReader(transaction)
            newest = log.newest()
            report = LogVerification(log, trusted, _progress()).run()
        if record:
            with Transaction(log_database(known)) as transaction:
                told = PostgresAuditLog(transaction)
                told.append(outcome(report), at=datetime.now(UTC))
                told.commit()
    _tell(report, trusted, time.monotonic() - begun)
    if report.trouble:
        raise SystemExit(_NOT_WHOLE)
    if save is not None and newest is not None:
        save.write_text(newest.note, encoding="utf-8")


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


def _progress() -> Callable[[int, int], None]:
    told = time.monotonic()

    def tell(done: int, size: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _BETWEEN:
            told = time.monotonic()
            click.echo(f"{done} of {size}", err=True)

    return tell
