"""A witness: follows a log from outside, sees that it only grows, and says so with a signature of its own.

It needs nothing of VAD but the address of the log and its public key, and keeps what it saw where VAD can't reach it.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import requests

from vad.adapters.tlog.ed25519 import CheckpointKey, verify
from vad.domain.checkpoint import CheckpointError, SignedCheckpoint, VerifierKey
from vad.domain.errors import LogBrokenError, UnavailableError
from vad.domain.log_tiles import WIDTH, LogTreeError, Tile, TiledTree, split
from vad.domain.merkle import consistency_proof, proves_consistency

_TIMEOUT = (5, 30)
_LARGEST = 64 * 1024
_KEPT = "checkpoint"


@dataclass(slots=True)
class Witness:
    """One witness of one log. `folder` holds the newest checkpoint that it cosigned, and every one by its size."""

    address: str
    keys: Sequence[VerifierKey]
    signer: CheckpointKey
    folder: Path
    _web: requests.Session = field(default_factory=requests.Session, init=False)

    def look(self, seconds: int) -> tuple[SignedCheckpoint, bool]:
        """Look once, at this POSIX time: the checkpoint, cosigned, and whether it is new.

        Raises `LogBrokenError` when the log does not contain what was seen of it before; both checkpoints are kept
        then, as evidence. Raises `CheckpointError`, `UnavailableError`.
        """
        seen = self.seen()
        newest = SignedCheckpoint.parse(self._get("checkpoint").decode(errors="replace"))
        name = newest.signed_by(self.keys, verify).name
        if newest.checkpoint.origin != name:
            # Nothing else says at first sight which log it is: a key that signs for another one proves nothing of this.
            raise CheckpointError(f"the key is of {name}, and the checkpoint of another log")
        if seen is not None:
            if newest.text == seen.text:
                return seen, False
            if newest.checkpoint.size < seen.checkpoint.size and self._grew(newest, seen):
                return seen, False  # an older one, out of somebody's cache
            if not self._grew(seen, newest):
                self._keep(f"contradiction-{newest.checkpoint.size}-{seconds}", newest)
                sizes = newest.checkpoint.size, seen.checkpoint.size
                told = "the log of {} events does not begin with the {} seen before".format(*sizes)
                raise LogBrokenError(told)
        cosigned = newest.cosigned(self.signer.verifier, self.signer.sign, seconds)
        self._keep(str(newest.checkpoint.size), cosigned)
        self._keep(_KEPT, cosigned)
        return cosigned, True

    def seen(self) -> SignedCheckpoint | None:
        """The newest checkpoint that it cosigned. Raises `CheckpointError` for a file that is not one."""
        try:
            return SignedCheckpoint.parse((self.folder / _KEPT).read_text("utf-8"))
        except FileNotFoundError:
            return None

    def _grew(self, older: SignedCheckpoint, newer: SignedCheckpoint) -> bool:
        old, new = older.checkpoint, newer.checkpoint
        if old.origin != new.origin or old.size > new.size:
            return False
        try:
            hashes = TiledTree(new.size, self._tile).hashes(consistency_proof(old.size, new.size))
        except LogTreeError:
            return False
        return proves_consistency((old.size, old.root), (new.size, new.root), hashes)

    def _tile(self, tile: Tile) -> list[bytes]:
        """A tile, or where it is gone the full one that came after it."""
        try:
            return split(self._get(tile.path))
        except UnavailableError:
            if tile.width == WIDTH:
                raise
            return split(self._get(tile._replace(width=WIDTH).path))[: tile.width]

    def _get(self, path: str) -> bytes:
        try:
            with self._web.get(
                f"{self.address}/{path}", timeout=_TIMEOUT, stream=True, allow_redirects=False
            ) as answer:
                if answer.status_code != requests.codes.ok:
                    raise UnavailableError(f"{path}: the log answered {answer.status_code}")
                content: bytes = answer.raw.read(_LARGEST + 1, decode_content=True)
        except requests.RequestException as error:
            raise UnavailableError(f"{path}: {type(error).__name__}") from None
        if len(content) > _LARGEST:
            raise UnavailableError(f"{path}: the answer is too long")
        return content

    def _keep(self, name: str, checkpoint: SignedCheckpoint) -> None:
        fresh = self.folder / f".{name}.new"
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(checkpoint.note())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / name)
