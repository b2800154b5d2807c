"""The log as a folder of files, laid out as C2SP tlog-tiles says: any web server can give it to others.

A file appears whole or not at all, the tiles before the checkpoint that needs them, and all of it is on the disk before
anybody is told. So a disk that is full, or a process that dies, leaves what was published before.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from vad.domain.checkpoint import CheckpointError, SignedCheckpoint
from vad.domain.errors import LogNotPublishedError
from vad.domain.log_tiles import HEIGHT, WIDTH, LogTreeError, Tile, TileReader, right_edge, split

_CHECKPOINT = "checkpoint"
_LONGEST = 64 * 1024
_TOGETHER = 64
"""Tiles that are in memory at once: a log that was never published has many."""


class PublishedDirectory:
    """`vad.services.ports.sealed_log.PublishedLog`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def latest(self) -> SignedCheckpoint | None:
        try:
            with (self._folder / _CHECKPOINT).open("rb") as file:
                return SignedCheckpoint.parse(file.read(_LONGEST).decode())
        except FileNotFoundError:
            if self._folder.is_dir():
                return None
            raise LogNotPublishedError(f"there is no folder {self._folder}") from None
        except (OSError, UnicodeDecodeError, CheckpointError) as error:
            raise LogNotPublishedError(f"the checkpoint in {self._folder} can't be read: {_why(error)}") from None

    def tile(self, tile: Tile) -> list[bytes]:
        """The hashes of a tile, or of the full one that came after it; none when neither is there."""
        for path in (tile.path, tile._replace(width=WIDTH).path):
            try:
                return split((self._folder / path).read_bytes())[: tile.width]
            except (OSError, LogTreeError):
                continue
        return []

    def publish(self, checkpoint: SignedCheckpoint, read: TileReader) -> None:
        try:
            with self._alone():
                before = self.latest()
                there = before.checkpoint.size if before else 0
                if there >= checkpoint.checkpoint.size:
                    return  # somebody else was sooner, with more
                new = tuple(_new_tiles(there, checkpoint.checkpoint.size))
                for first in range(0, len(new), _TOGETHER):
                    self._write({tile.path: b"".join(read(tile)) for tile in new[first : first + _TOGETHER]})
                self._write({_CHECKPOINT: checkpoint.note().encode()})
                for tile in new:
                    if tile.width == WIDTH:  # the former checkpoint needed what was there of it
                        shutil.rmtree(self._folder / f"{tile.path}.p", ignore_errors=True)
        except OSError as error:
            raise LogNotPublishedError(f"{self._folder}: {_why(error)}") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time: who comes later must not put an older checkpoint over a newer one."""
        with (self._folder / ".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, files: Mapping[str, bytes]) -> None:
        """Step by step for all of them together: the disk then has less to put in order than file by file."""
        begun, folders = [], set()
        for path, content in files.items():
            target = self._folder / path
            folders |= {target.parent, *(folder.parent for folder in target.parents if not folder.exists())}
            target.parent.mkdir(parents=True, exist_ok=True)
            fresh = target.with_name(f".{target.name}.new")
            fresh.write_bytes(content)
            begun.append((fresh, target))
        for fresh, _ in begun:
            _settle(fresh)
        for fresh, target in begun:
            fresh.replace(target)
        for folder in folders:
            _settle(folder)


def _new_tiles(before: int, size: int) -> Iterator[Tile]:
    """The tiles that a tree of this size has and the one before did not."""
    level = 0
    while size >> HEIGHT * level:
        full = HEIGHT * (level + 1)
        for number in range(before >> full, size >> full):
            yield Tile(level, number)
        level += 1
    yield from right_edge(size)


def _settle(path: Path) -> None:
    """Wait until it is on the disk: a file with what it holds, a folder with the names in it."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _why(error: Exception) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)
