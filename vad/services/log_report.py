"""What a verification of the log found."""

from dataclasses import dataclass, field
from enum import StrEnum

from vad.services.ports.log_reading import ReadPurge

_MOST = 20
"""Findings that are kept: the first ones say it all."""


class Fault(StrEnum):
    """What can be wrong."""

    CHANGED = "changed"
    MISSING = "missing"
    MOVED = "moved"
    """A leaf is not the one that stands there in the tree: another event, or in another order."""
    EXTRA = "extra"
    ERASED = "erased"
    """What an event kept apart is gone, and no event of the log says so."""
    CONTRADICTED = "contradicted"
    """Something that was signed says otherwise."""


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong. `index` counts events from 0."""

    index: int
    fault: Fault
    text: str
    event_id: str | None = None


def _exact_first(each: Found) -> tuple[bool, int]:
    """What is known to the event says more than what is known to lie somewhere."""
    return each.fault is Fault.CONTRADICTED, each.index


@dataclass(slots=True)
class Report:
    """What was seen."""

    size: int = 0
    """Events in the tree."""
    begun: int = 0
    """Events before the first that was hashed again."""
    part: bool = False
    """Whether nobody vouched for those before."""
    root: bytes = b""
    checked: int = 0
    """Events that were hashed again."""
    purged: int = 0
    purges: list[ReadPurge] = field(default_factory=list)
    """The months that they were of."""
    erased: int = 0
    untold: int = 0
    """Of those that are erased: how many without an event that says so."""
    found: list[Found] = field(default_factory=list)
    earliest: int = 0
    """The first place at which any of what is wrong can lie, where something is."""
    trouble: int = 0
    """How many things are wrong, those included that are not in `found`."""

    def add(self, index: int, fault: Fault, text: str, event_id: str | None = None) -> None:
        """Note something that is wrong."""
        self.earliest = min(self.earliest, index) if self.trouble else index
        self.trouble += 1
        self.found = sorted([*self.found, Found(index, fault, text, event_id)], key=_exact_first)[:_MOST]
