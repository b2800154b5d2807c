"""The log as a Merkle tree: sealed in PostgreSQL, signed by a key that is not there, and published outside."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.checkpoint import SignedCheckpoint, VerifierKey
from vad.domain.log_tiles import TileReader


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn of sealing did."""

    added: int
    more: bool
    """Whether the next turn should come at once."""


class CheckpointSigner(Protocol):
    """The key of the log."""

    @property
    def verifier(self) -> VerifierKey:
        """Its public half; its name is the name of the log."""

    def sign(self, message: bytes) -> bytes: ...


class SealedLog(Protocol):
    """The tree. One at a time adds to it, whoever else tries; those who write events never wait for it."""

    def seal(self, signer: CheckpointSigner, at: datetime) -> Turn:
        """Add a batch of events that are surely committed, and sign.

        Raises `LogBrokenError` rather than sign what contradicts an earlier checkpoint.
        """

    def latest(self) -> SignedCheckpoint | None:
        """What was signed last."""

    def tiles(self) -> AbstractContextManager[TileReader]:
        """Read tiles in the block, all of one moment."""


class PublishedLog(Protocol):
    """Where others can read of the log, out of reach of whoever writes to the database."""

    def latest(self) -> SignedCheckpoint | None:
        """What was published last. Raises `LogNotPublishedError` when nobody can tell."""

    def publish(self, checkpoint: SignedCheckpoint, read: TileReader) -> None:
        """Publish it and the tiles that it needs, whole or not at all. Raises `LogNotPublishedError`."""
