"""Keeping the log: seal what has committed, sign it, and put what was signed where others read it."""

from dataclasses import dataclass, field
from datetime import datetime

from vad.domain.checkpoint import Checkpoint, SignedCheckpoint
from vad.domain.errors import LogBrokenError, LogNotPublishedError
from vad.domain.log_tiles import LogTreeError, TiledTree
from vad.services.ports.sealed_log import CheckpointSigner, PublishedLog, SealedLog, Turn


@dataclass(slots=True)
class LogKeeping:
    """The use cases of whoever seals. Any number may run; one at a time has its turn."""

    log: SealedLog
    signer: CheckpointSigner
    published: PublishedLog | None
    _checked: bool = field(default=False, init=False)
    _published: Checkpoint | None = field(default=None, init=False)
    """What we published last."""

    def turn(self, at: datetime) -> Turn:
        """Seal a batch. Raises `LogBrokenError`, `LogNotPublishedError` and errors of the store.

        Nothing is sealed before it is known what was published: after a copy of the database was put back, the log may
        be shorter than that, and what is signed next would be a second history.
        """
        if not self._checked:
            self.check_published()
            self._checked = True
        try:
            return self.log.seal(self.signer, at)
        except Exception:
            self._checked = False
            raise

    def publish(self) -> None:
        """Publish what was signed last, if it is not.

        Raises `LogBrokenError` rather than publish what contradicts what is there, `LogNotPublishedError` and errors of
        the store.
        """
        newest = self.log.latest() if self.published is not None else None
        if self.published is None or newest is None or newest.checkpoint == self._published:
            return
        try:
            self.check_published()
        except LogBrokenError:
            self._checked = False  # nothing more is signed either
            raise
        with self.log.tiles() as read:
            self.published.publish(newest, read)
        self._published = newest.checkpoint

    def check_published(self) -> None:
        """See that the log still begins with what was published of it. Raises `LogBrokenError`."""
        known = self.published.latest() if self.published is not None else None
        if known is not None:
            if known.checkpoint.origin != self.signer.verifier.name:
                raise LogNotPublishedError(f"another log is published there: {known.checkpoint.origin}")
            self.contains(known)

    def contains(self, known: SignedCheckpoint) -> None:
        """See that the log begins with what this checkpoint says. Raises `LogBrokenError`."""
        size = known.checkpoint.size
        newest = self.log.latest()
        if newest is None or newest.checkpoint.size < size:
            there = newest.checkpoint.size if newest else 0
            raise LogBrokenError(f"a checkpoint of {size} events is known elsewhere, and there are {there}")
        with self.log.tiles() as read:
            try:
                same = TiledTree(size, read).root() == known.checkpoint.root
            except LogTreeError as error:
                raise LogBrokenError(str(error)) from None
        if not same:
            raise LogBrokenError(f"the first {size} events are not those of a checkpoint that is known elsewhere")
