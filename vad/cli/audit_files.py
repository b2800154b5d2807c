"""Files that the commands of `vad audit` read and write."""

import os
from pathlib import Path

import click

from vad.domain.checkpoint import SignedCheckpoint

CHECKPOINT = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_LONGEST = 64 * 1024


def read_checkpoint(file: Path) -> SignedCheckpoint:
    """The checkpoint in this file. Raises `CheckpointError`."""
    with file.open("rb") as opened:
        text = opened.read(_LONGEST).decode(errors="replace")
    return SignedCheckpoint.parse(text)


def write_text(file: Path, text: str) -> None:
    """Write it whole or not at all, so that whoever is killed leaves a file that can be read."""
    fresh = file.with_name(f".{file.name}.new")
    with fresh.open("w", encoding="utf-8", newline="") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)
