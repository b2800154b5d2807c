"""Events as a person may read them: with names, and what is the same on one day as one line."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from vad.domain.activity import REPEATED
from vad.domain.age import AMSTERDAM
from vad.domain.identifiers import PersonId
from vad.services.names import Names
from vad.services.ports.activity import BEFORE_ALL, OwnEvent
from vad.services.ports.records import Registrations


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in an entry."""

    oneself: bool
    name: str | None = None
    """Of somebody else; None while the register does not say."""


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One event: names instead of identifiers."""

    event_id: UUID
    at: datetime
    actor: Party | None
    """Who did it; None: it happened by itself, or staff did it."""
    by_staff: bool
    represented: Party
    """Whose data it is about."""
    type: str
    outcome: str
    app: str | None
    source: str | None
    basis: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One line of the page: the newest of what is the same on one day, and when the others were."""

    entry: ActivityEntry
    earlier: tuple[datetime, ...] = ()


@dataclass(slots=True)
class Teller:
    """Says the names of who and what occurs, and asks for each once."""

    registrations: Registrations
    names: Names
    person: PersonId
    at: datetime
    _parties: dict[PersonId, Party] = field(default_factory=dict)

    def party(self, person_id: PersonId) -> Party:
        """Somebody."""
        known = self._parties.get(person_id)
        if known is None:
            oneself = person_id == self.person
            known = Party(oneself, None if oneself else self.names.shown(person_id, self.at))
            self._parties[person_id] = known
        return known

    def app(self, client_id: str) -> str:
        """An app by its name."""
        # Somebody who used an app that is gone since must still see that it was an app, and which.
        client = self.registrations.client(client_id)
        return client.name if client else client_id

    def source(self, resource: str) -> str | None:
        """A data source by its name; None for what is none."""
        source = self.registrations.resource_server(resource)
        return source.name if source else None

    def entry(self, event: OwnEvent) -> ActivityEntry:
        """An event."""
        return ActivityEntry(
            event_id=event.event_id,
            at=event.at,
            actor=self.party(event.actor) if event.actor else None,
            by_staff=event.by_staff,
            represented=self.party(event.represented) if event.represented else Party(oneself=True),
            type=event.type,
            outcome=event.outcome,
            app=self.app(event.client_id) if event.client_id else None,
            source=self.source(event.resource) if event.resource else None,
            basis=event.basis,
            reason=event.reason,
        )


def lines(events: tuple[OwnEvent, ...], teller: Teller) -> tuple[ActivityLine, ...]:
    """One line for each event, but for what apps repeat."""
    groups: dict[object, list[OwnEvent]] = {}
    for event in events:
        groups.setdefault(_same(event) if event.type in REPEATED else event.event_id, []).append(event)
    return tuple(
        ActivityLine(teller.entry(newest), tuple(each.at for each in earlier)) for newest, *earlier in groups.values()
    )


def _same(event: OwnEvent) -> object:
    """What two events have in common that are one line."""
    day = event.at.astimezone(AMSTERDAM).date()
    return (day, replace(event, event_id=BEFORE_ALL, at=datetime.min.replace(tzinfo=AMSTERDAM)))
