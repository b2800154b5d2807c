"""Taking a part of the log away: events as they stand in the tree, all seen at one moment."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from vad.domain.checkpoint import SignedCheckpoint
from vad.domain.log_tiles import TileReader
from vad.services.ports.log_search import LogFilter, LoggedEvent


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """An event, the bytes that its leaf holds or will hold, and which leaf that is; None: not sealed yet."""

    event: LoggedEvent
    entry: bytes
    leaf_index: int | None


class LogMoment(Protocol):
    """The log at one moment. Whatever is written meanwhile is not seen, however long this is read."""

    @property
    def tile(self) -> TileReader:
        """Reads the tiles of the tree."""

    def checkpoint(self) -> SignedCheckpoint | None:
        """What was signed last."""

    def events(self, wanted: LogFilter) -> Iterator[SealedEvent]:
        """Each event, the oldest first. Keeps a few hundred in memory, however slowly they are taken.

        Raises `StoreUnavailableError` where the database goes away, which ends the moment: nothing begins anew.
        """


class LogStream(Protocol):
    """Reads great parts of the log, on connections that nothing else waits for."""

    def __call__(self) -> AbstractContextManager[LogMoment]:
        """One moment, for as long as the block lasts. Raises `StoreUnavailableError`, also where too many read."""


class StatementSigner(Protocol):
    """Signs what VAD says of a file, by the key whose public half is at `/jwks`."""

    def sign(self, payload: bytes, kind: str) -> str:
        """A compact JWS (RFC 7515) over exactly these bytes; `kind` is its `typ`, which no token has."""


Member = tuple[str, Callable[[], Iterable[bytes]]]
"""A file of an archive: its name, and what begins to give its bytes once the files before it are whole."""


class Archive(Protocol):
    """Puts files into one as they come."""

    def __call__(self, members: Iterable[Member]) -> Iterator[bytes]:
        """The archive, in pieces. What a member raises is raised: what came before is then no whole archive."""
