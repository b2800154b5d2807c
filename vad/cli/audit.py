"""`vad audit`: seal, prove and verify the log."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import click

from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.cli.audit_access import access_review
from vad.cli.audit_archive import archive, check_archive, purge
from vad.cli.audit_erase import erase
from vad.cli.audit_proofs import consistency, prove, verifier
from vad.cli.audit_verify import verify
from vad.cli.audit_witness import witness
from vad.cli.common import known_settings, plain_errors
from vad.domain.checkpoint import SignatureKind

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """The audit log: sealed, proved, verified."""


audit.add_command(verify)
audit.add_command(prove)
audit.add_command(consistency)
audit.add_command(verifier)
audit.add_command(witness)
audit.add_command(archive)
audit.add_command(check_archive)
audit.add_command(purge)
audit.add_command(erase)
audit.add_command(access_review)


@audit.command()
@click.argument("file", type=_FILE)
@click.option("--name", help="What the log is called [default: VAD's own address, and /log].")
@click.option("--witness", is_flag=True, help="Make a key for a witness; --name says who that is.")
def key(file: Path, *, name: str | None, witness: bool) -> None:
    """Make a key that signs checkpoints, in a new FILE for its owner alone; show the public half."""
    if witness and not name:
        raise click.UsageError("a witness needs a --name")
    kind = SignatureKind.WITNESS if witness else SignatureKind.LOG
    with plain_errors():
        text = CheckpointKey.generate_text(name or _own_name(), kind)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
                new.write(f"{text}\n")
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from error
        click.echo(CheckpointKey.from_file(file).verifier)


def _own_name() -> str:
    """As C2SP wants it: the address of the log without its scheme."""
    return urlsplit(known_settings().service.issuer).netloc + "/log"
