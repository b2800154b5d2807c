"""`vad audit prove`, `consistency` and `verifier`: proofs for those who need not believe us."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import click

from vad.adapters.postgres import log_archive
from vad.adapters.postgres.log_reader import PostgresLogReader
from vad.adapters.postgres.transaction import Transaction
from vad.bootstrap.log_keeping import log_database
from vad.cli.audit_files import CHECKPOINT, read_checkpoint
from vad.cli.common import known_settings, plain_errors
from vad.services.log_proving import LogProving


@click.command()
@click.argument("event", type=click.UUID)
@click.option("--checkpoint", type=CHECKPOINT, help="Prove it against this one [default: the newest].")
@click.option("--archive", type=CHECKPOINT, help="The archive of its month, if that was purged.")
def prove(event: object, checkpoint: Path | None, archive: Path | None) -> None:
    """Prove that EVENT (its id) is in the log: a text for `verify.py`, with the event in it."""
    with _proving(archive) as proving:
        against = read_checkpoint(checkpoint) if checkpoint else None
        click.echo(proving.inclusion(str(event), against), nl=False)


@click.command()
@click.argument("older", type=CHECKPOINT)
@click.option("--to", "newer", type=CHECKPOINT, help="Prove it up to this one [default: the newest].")
def consistency(older: Path, newer: Path | None) -> None:
    """Prove that the log only grew since the checkpoint OLDER: a text for `verify.py`."""
    with _proving() as proving:
        upto = read_checkpoint(newer) if newer else None
        click.echo(proving.consistency(read_checkpoint(older), upto), nl=False)


@click.command()
def verifier() -> None:
    """Show the program that checks proofs, to be kept as `verify.py`: it needs Python, and nothing of VAD."""
    click.echo(files("vad.adapters.tlog").joinpath("verify_proof.py").read_text("utf-8"), nl=False)


@contextmanager
def _proving(archive: Path | None = None) -> Iterator[LogProving]:
    def archived(place: int) -> bytes | None:
        return log_archive.entry_at(archive, place) if archive is not None else None

    with plain_errors(), Transaction(log_database(known_settings())) as transaction:
        yield LogProving(PostgresLogReader(transaction), archived)
