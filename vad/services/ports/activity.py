"""What one person may see of the log, read in pieces and newest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from vad.domain.identifiers import ClientId, PersonId, ResourceId


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the log: everything shown after it is older."""

    at: datetime
    event_id: UUID


BEFORE_ALL = UUID(int=0)
"""As the event of a `Place`: nothing of that very moment is older."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events. None: whichever."""

    types: frozenset[str]
    since: datetime
    before: Place
    staff: bool = True
    """Also what staff did, of whatever type."""
    by: PersonId | None = None
    """Done by this person."""
    between: PersonId | None = None
    """Done by this person or about them: another than whose activity it is."""
    client_id: ClientId | None = None
    resource: ResourceId | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An event as the person whom it is about may see it."""

    event_id: UUID
    at: datetime
    type: str
    outcome: str
    actor: PersonId | None
    by_staff: bool
    """Somebody of the staff did it, in their work. Who, the log knows."""
    represented: PersonId | None
    client_id: ClientId | None
    resource: ResourceId | None
    basis: str | None
    reason: str | None

    @property
    def place(self) -> Place:
        """Where it stands in the log."""
        return Place(self.at, self.event_id)


@dataclass(frozen=True, slots=True)
class Involved:
    """Who and what occurs in somebody's events."""

    persons: frozenset[PersonId]
    clients: frozenset[ClientId]
    resources: frozenset[ResourceId]


class ActivityLog(Protocol):
    """Reads the log for one person: what was done by them, and about them."""

    def of(self, person_id: PersonId, wanted: Wanted, *, limit: int) -> tuple[OwnEvent, ...]:
        """Events, newest first."""

    def one(self, person_id: PersonId, event_id: UUID, types: frozenset[str]) -> OwnEvent | None:
        """This event, if it is one of these types, or of staff, that was done by or about this person."""

    def involved(self, person_id: PersonId, wanted: Wanted, *, limit: int) -> Involved:
        """Who and what occurs in the newest of them, at most `limit` in either role."""
