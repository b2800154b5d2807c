"""The log as whoever verifies it reads it: events beside their leaves, in pieces, from the first to the last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from vad.domain.log_tiles import TileReader


class Apart(Enum):
    """What is left of what an event keeps apart, so that it can be erased."""

    NOTHING = "nothing"
    """There never was any."""
    HOLDS = "holds"
    ERASED = "erased"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ReadLeaf:
    """A leaf, and the event that it is of."""

    index: int
    event_id: str
    leaf_hash: bytes
    month: str
    entry: bytes | None
    """What the leaf must hold; None when there is no such event."""
    apart: Apart = Apart.NOTHING


@dataclass(frozen=True, slots=True)
class ReadCheckpoint:
    """A checkpoint as it was kept."""

    size: int
    root: bytes
    note: str
    previous: int | None = None
    """The size of the one that was signed before it, where that was noted."""


@dataclass(frozen=True, slots=True)
class ReadThinning:
    """An hour of which checkpoints were dropped, as the database says, an event of the log, or both."""

    staying: frozenset[int]
    """The sizes of those of that hour that stay."""
    agrees: bool
    """Whether both say the same."""
    by_rule: bool
    """Whether it is an hour that could be thinned by then, of which those stay that are still the last of theirs."""
    event_id: str
    index: int
    """Where that event is in the tree; 0 where it is not."""
    told_in: str | None
    """The month of the event, of which the leaf alone is there."""


@dataclass(frozen=True, slots=True)
class ReadPurge:
    """A month (`2026-11`) whose events are in an archive alone, as a sealed event of the log says."""

    month: str
    events: int
    archive: str
    """SHA-256 of the archive, in hexadecimal digits."""
    left: bool
    """Whether there are events of that month all the same."""


class LogReading(Protocol):
    """One look at the log, of one role that may read it."""

    def newest(self) -> ReadCheckpoint | None: ...

    def leaves(self, first: int, end: int) -> Iterator[ReadLeaf]:
        """Those of these indexes that are there, in order."""

    def place(self, event_id: str) -> int | None:
        """Which leaf this event is."""

    def checkpoints(self, after: int, upto: int) -> Sequence[ReadCheckpoint]:
        """Those of trees larger than the one and not larger than the other."""

    def thinnings(self) -> Sequence[ReadThinning]:
        """Every hour of which checkpoints were dropped."""

    def without_checkpoint(self, sizes: Sequence[int]) -> Sequence[int]:
        """Those of these sizes of which no checkpoint is there, in order."""

    def first_from(self, size: int) -> ReadCheckpoint | None:
        """That of the smallest tree that is at least as large."""

    def beyond(self) -> int:
        """How many leaves there are that no checkpoint knows of."""

    def unsealed(self, most: int, since: int = 0) -> Sequence[str]:
        """Events that should be in the tree and are not; since the checkpoint of so many events, if that is kept."""

    def purged(self) -> Mapping[str, ReadPurge]:
        """Those that a sealed event says were purged, by month; that event may have been purged itself since."""

    def erasures(self) -> frozenset[str]:
        """Events of which the log says that what they kept apart was erased."""

    @property
    def tiles(self) -> TileReader:
        """Read tiles as they are kept."""
