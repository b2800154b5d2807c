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
_WITHHELD = "withheld"


class _GoneError(UnavailableError):
    """The log says that there is no such thing, which is more than that it does not answer."""


@dataclass(slots=True)
class Witness:
    """One witness of one log. `folder` holds the newest checkpoint that it cosigned, and every one by its size."""

    address: str
    keys: Sequence[VerifierKey]
    signer: CheckpointKey
    folder: Path
    tries: int = 5
    """Looks at which a signed checkpoint may lack tiles that show what it says: whoever withholds them hides it."""
    _web: requests.Session = field(default_factory=requests.Session, init=False)

    def look(self, seconds: int) -> tuple[SignedCheckpoint, bool]:
        """Look once, at this POSIX time: the checkpoint, cosigned, and whether it is new.

        Raises `LogBrokenError` when the log does not contain what was seen of it before, or no longer shows that it
        does; both checkpoints are kept then, as evidence. Raises `CheckpointError`, `UnavailableError`.
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
            self._compare(seen, newest, seconds)
            if newest.checkpoint.size < seen.checkpoint.size:
                return seen, False  # an older one, out of somebody's cache: the log still has what came after
        cosigned = newest.cosigned(self.signer.verifier, self.signer.sign, seconds)
        self._keep(str(newest.checkpoint.size), cosigned)
        self._keep(_KEPT, cosigned)
        (self.folder / _WITHHELD).unlink(missing_ok=True)
        return cosigned, True

    def seen(self) -> SignedCheckpoint | None:
        """The newest checkpoint that it cosigned. Raises `CheckpointError` for a file that is not one."""
        return self._kept(_KEPT)

    def _compare(self, seen: SignedCheckpoint, newest: SignedCheckpoint, seconds: int) -> None:
        """See that the one is a beginning of the other. Raises `LogBrokenError`, `UnavailableError`."""
        size, before = newest.checkpoint.size, seen.checkpoint.size
        shorter = size < before
        try:
            if shorter:
                kept = self._kept(str(size))
                begins = (kept is None or kept.checkpoint == newest.checkpoint) and self._grew(newest, seen)
            else:
                begins = self._grew(seen, newest)
        except UnavailableError as error:
            tried = self._withheld()
            # A log that grew still has every tile of a larger tree of its own: what was cut off has not.
            if tried >= self.tries or (shorter and isinstance(error, _GoneError)):
                self._keep(f"contradiction-{size}-{seconds}", newest)
                told = f"the log of {size} events does not show that it is that of the {before} seen before"
                raise LogBrokenError(f"{told}: {error}") from None
            told = f"a signed checkpoint of {size} events can't be followed"
            raise UnavailableError(f"{told} (try {tried} of {self.tries}): {error}") from None
        if not begins:
            self._keep(f"contradiction-{size}-{seconds}", newest)
            told = "is no beginning of" if shorter else "does not begin with"
            raise LogBrokenError(f"the log of {size} events {told} the {before} seen before")

    def _withheld(self) -> int:
        """Count one more look at which the log showed too little, since it last grew: also over a restart."""
        file = self.folder / _WITHHELD
        before = file.read_text("ascii").strip() if file.exists() else "0"
        tried = int(before) + 1 if before.isdigit() else self.tries
        self._write(_WITHHELD, f"{tried}\n")
        return tried

    def _grew(self, older: SignedCheckpoint, newer: SignedCheckpoint) -> bool:
        old, new = older.checkpoint, newer.checkpoint
        if old.origin != new.origin:
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
        except _GoneError:
            if tile.width == WIDTH:
                raise
            return split(self._get(tile._replace(width=WIDTH).path))[: tile.width]

    def _get(self, path: str) -> bytes:
        try:
            with self._web.get(
                f"{self.address}/{path}", timeout=_TIMEOUT, stream=True, allow_redirects=False
            ) as answer:
                if answer.status_code != requests.codes.ok:
                    gone = answer.status_code in {requests.codes.not_found, requests.codes.gone}
                    kind = _GoneError if gone else UnavailableError
                    raise kind(f"{path}: the log answered {answer.status_code}")
                content: bytes = answer.raw.read(_LARGEST + 1, decode_content=True)
        except requests.RequestException as error:
            raise UnavailableError(f"{path}: {type(error).__name__}") from None
        if len(content) > _LARGEST:
            raise UnavailableError(f"{path}: the answer is too long")
        return content

    def _kept(self, name: str) -> SignedCheckpoint | None:
        try:
            return SignedCheckpoint.parse((self.folder / name).read_text("utf-8"))
        except FileNotFoundError:
            return None

    def _keep(self, name: str, checkpoint: SignedCheckpoint) -> None:
        self._write(name, checkpoint.note())

    def _write(self, name: str, text: str) -> None:
        fresh = self.folder / f".{name}.new"
        with fresh.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / name)
