"""`vad audit witness`: follow a log from outside."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from vad.adapters.tlog.ed25519 import CheckpointKey
from vad.adapters.tlog.witness import Witness
from vad.cli.common import plain_errors
from vad.domain.checkpoint import CheckpointError, SignatureKind, VerifierKey
from vad.domain.errors import UnavailableError

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("url")
@click.option("--key", "keys", multiple=True, required=True, help="A public key of the log.")
@click.option("--signer", type=_FILE, required=True, help="The witness's own key: `vad audit key --witness`.")
@click.option(
    "--state",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    required=True,
    help="Folder for the checkpoints that it saw.",
)
@click.option("--every", type=click.FloatRange(min=1.0), help="Look again after so many seconds, until stopped.")
@click.option(
    "--tries",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="Looks at which a signed checkpoint may lack tiles before that counts as a log that is not whole.",
)
def witness(url: str, keys: tuple[str, ...], signer: Path, state: Path, every: float | None, tries: int) -> None:
    """See that the log at URL only grew since the last look, cosign its checkpoint, and keep it.

    Needs no settings and nothing of VAD: run it on a machine of somebody else. Exit status 1 when the log is not what
    it was, or goes on signing what it does not show; both checkpoints are kept then.
    """
    with plain_errors():
        own = CheckpointKey.from_file(signer)
        if own.verifier.kind is not SignatureKind.WITNESS:
            raise CheckpointError(f"{signer}: not the key of a witness")
        watching = Witness(url.rstrip("/"), [VerifierKey.parse(text) for text in keys], own, state, tries)
        while True:
            try:
                seen, new = watching.look(int(datetime.now(UTC).timestamp()))
            except UnavailableError as error:
                if every is None:
                    raise
                click.echo(f"nothing new was seen: {error}", err=True)
            else:
                if new:
                    click.echo(f"cosigned: {seen.checkpoint.size} events, root {seen.checkpoint.root.hex()}")
            if every is None:
                return
            time.sleep(every)
