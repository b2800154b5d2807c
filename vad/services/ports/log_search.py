"""Asking the log: whole events by what they say, and what mandates and birthdays stood where."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from vad.domain import audit_people
from vad.domain.birthday import AHEAD
from vad.domain.block import Block
from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId, GrantId, MandateId, PersonId, ResourceId, Sid, StaffId
from vad.domain.mandate import Mandate, MandateState, Route

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a question about many people finds."""

    lines: tuple[T, ...]
    more: bool
    """Whether there is more of it than is told here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """An event as it stands in the log, whole (rule 39)."""

    event_id: UUID
    recorded_at: datetime
    txid: int
    type: str
    outcome: str
    actor: PersonId | None
    staff: StaffId | None
    represented: PersonId | None
    client_id: ClientId | None
    resource: ResourceId | None
    basis: str | None
    reason: str | None
    sid: Sid | None
    grant_id: GrantId | None
    request_id: str | None
    correlation_id: str | None
    origin: str | None
    evidence: Mapping[str, object]
    commitment: bytes | None
    erasable: Mapping[str, str] | None = None
    """What the commitment is to; None where nothing was said, or where that is erased."""

    @property
    def position(self) -> "LogPosition":
        """Where it stands among the others."""
        return LogPosition(self.recorded_at, self.event_id)

    @property
    def others(self) -> tuple[tuple[str, PersonId], ...]:
        """Who else is named by the evidence, and by which key of it."""
        return tuple(audit_people.named(self.evidence))

    @property
    def people(self) -> frozenset[PersonId]:
        """Whom it is about."""
        known = (self.actor, self.represented, *(person for _, person in self.others))
        return frozenset(each for each in known if each is not None)


class LogPosition(NamedTuple):
    """A place in the log, newest first: after this event come the older ones."""

    recorded_at: datetime
    event_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which events; None or nothing is all. The period is always given: it says which months are looked into."""

    since: datetime
    until: datetime
    """Not included."""
    person: PersonId | None = None
    """Whom it is about, as `LoggedEvent.people` says."""
    actor: PersonId | None = None
    represented: PersonId | None = None
    naming: PersonId | None = None
    """Named by the evidence alone, and told of it: by one of `audit_people.TOLD`."""
    staff: StaffId | None = None
    client_id: ClientId | None = None
    resource: ResourceId | None = None
    mandate: MandateId | None = None
    types: Collection[str] = ()
    outcome: str | None = None
    reason: str | None = None
    basis: str | None = None
    grant_id: GrantId | None = None
    sid: Sid | None = None
    correlation_id: str | None = None
    without: PersonId | None = None
    """Leaves out what is about this person: nobody takes a case of their own away."""
    unwarned: PersonId | None = None
    """Leaves out what this person is not to hear of: who is named by one of `audit_people.WEIGHED`."""
    for_another: bool = False
    """Only where the actor is not the represented."""

    @property
    def named(self) -> frozenset[str]:
        """The criteria that say something, but the period."""
        return frozenset(each.name for each in fields(self) if getattr(self, each.name)) - {"since", "until"}


class LogSearch(Protocol):
    """Events, newest first."""

    def find(self, wanted: LogFilter, limit: int, after: LogPosition | None = None) -> tuple[LoggedEvent, ...]:
        """At most so many, older than `after`."""

    def event(self, event_id: UUID) -> LoggedEvent | None:
        """One, with what stands apart from it."""

    def refusals(self, since: datetime, until: datetime) -> tuple["Refusals", ...]:
        """How often what was refused, and why; the most first."""

    def count(self, wanted: LogFilter, most: int) -> int:
        """How many there are; `most` where there are more."""

    def purged(self, month: date) -> datetime | None:
        """When the events of this month, named by its first day, left the database."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """How often one thing was refused for one reason."""

    type: str
    reason: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateFilter:
    """Which mandates; None or nothing is all."""

    person: PersonId | None = None
    """On either side."""
    represented: PersonId | None = None
    representative: PersonId | None = None
    states: Collection[MandateState] = ()
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who may act for more people than most."""

    representative: PersonId
    people: int


@dataclass(frozen=True, slots=True)
class ParentSeen:
    """A parent of whom the register said that they have authority, when VAD last decided about that."""

    actor: PersonId
    basis: Basis
    event_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Turning:
    """A child that turns 12 or 16 within some days; of the day a month is all that stands in clear."""

    child: PersonId
    holder: PersonId
    years: int
    told_from: date
    """The first day of the month in which sixty days are left."""

    @property
    def between(self) -> tuple[date, date]:
        """The first and the last day on which the birthday may be."""
        ahead = timedelta(days=AHEAD[0])
        after = (self.told_from + timedelta(days=31)).replace(day=1)
        return self.told_from + ahead, after - timedelta(days=1) + ahead


@dataclass(frozen=True, slots=True)
class Overdue:
    """What should not be: access on the ground of what had ended."""

    kind: str
    """`end`, `death` or `birthday`."""
    mandate: MandateId | None
    represented: PersonId
    actor: PersonId | None
    at: datetime
    """When it ended, or ought to have."""
    event_id: UUID | None = None
    """The use of it, where there is one."""


class LogQuestions(Protocol):
    """What auditors ask that is not a filter on events alone."""

    def mandates(
        self, wanted: MandateFilter, limit: int, after: tuple[datetime, UUID] | None = None
    ) -> tuple[Mandate, ...]:
        """Mandates, the latest change first, changed before `after`."""

    def begun(self, mandates: Collection[MandateId]) -> Mapping[MandateId, datetime]:
        """When each of these came into force, as the log says; none that never did."""

    def parents(self, represented: PersonId, since: datetime, until: datetime) -> tuple[ParentSeen, ...]:
        """Who had authority over this person by the newest decision about that between the two, refusals included."""

    def assented(self, represented: PersonId, at: datetime) -> frozenset[PersonId]:
        """To which parents' access, for whatever kind of data, this person's agreement stood at `at`."""

    def blocks(self, represented: PersonId, at: datetime) -> tuple[Block, ...]:
        """What was switched off for this person's data at `at`."""

    def uses_after_end(self, since: datetime, until: datetime, limit: int) -> tuple[Overdue, ...]:
        """Tokens and codes between the two that rest on a mandate that had ended. There must be none."""

    def uses_after_birthday(self, since: datetime, until: datetime, limit: int) -> tuple[Overdue, ...]:
        """The same on parental authority that a birthday had ended."""

    def uses_after_death(self, since: datetime, until: datetime, limit: int) -> tuple[Overdue, ...]:
        """Tokens and codes between the two by which somebody acted though VAD knew one of both to have died."""

    def outliving(self, until: datetime, limit: int) -> tuple[Overdue, ...]:
        """Mandates still in force of people whom VAD knew to have died for more than a day before `until`."""

    def turning(self, since: date, until: date, limit: int) -> tuple[Turning, ...]:
        """Birthdays of 12 and 16 of which parents are told from a month between these two on (each a first day)."""

    def helpers(self, more_than: int, limit: int) -> tuple[Helper, ...]:
        """Who may act for more than so many people, the most first."""
