"""The mandate: one person lets another act for them (rules 20 to 27). Expiry is a fact of the clock, never of a job."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from vad.domain.age import AMSTERDAM
from vad.domain.errors import VadError
from vad.domain.identifiers import ClientId, MandateId, PersonId, ResourceId

MOST_YEARS = 5
"""The longest term (rule 22)."""
MOST_OPEN = 20
"""Offers and requests of one person that nobody has answered (rule 26)."""
ANSWER_WITHIN = timedelta(days=30)
"""How long an offer or a request waits for its answer; its code is good as long (rule 24)."""
MOST_WRONG_TRIES = 5
"""Wrong birth dates with one code; then it is of no use any more (rule 24)."""
MOST_WRONG_PER_DAY = 10
"""Wrong codes of one person within `WRONG_WITHIN`; then they pause (rule 24)."""
WRONG_WITHIN = timedelta(days=1)


class Route(StrEnum):
    """Who began (rule 23)."""

    OFFER = "offer"
    """The person whose data it is."""
    REQUEST = "request"
    """The person who wants to act for them."""
    LETTER = "letter"
    """The same, of somebody without a DigiD: the code goes to them by post, and whoever asked brings it."""
    LEGAL = "legal"
    """Staff, where a court or the law lets somebody act for another (rule 29)."""


class MandateState(StrEnum):
    """Where a mandate is in its life (rule 25)."""

    REQUESTED = "requested"
    OFFERED = "offered"
    ACTIVE = "active"
    DECLINED = "declined"
    """One of the two said no."""
    LAPSED = "lapsed"
    """Nobody answered in time."""
    REVOKED = "revoked"
    """One of the two stopped it."""
    EXPIRED = "expired"
    """Its last day is over."""
    ENDED = "ended"
    """Death, curatele or a block ended it."""


_S = MandateState
_UNANSWERED = frozenset({_S.DECLINED, _S.LAPSED})
MOVES: Mapping[MandateState, frozenset[MandateState]] = {
    _S.REQUESTED: frozenset({_S.OFFERED}) | _UNANSWERED,
    _S.OFFERED: frozenset({_S.ACTIVE}) | _UNANSWERED,
    _S.ACTIVE: frozenset({_S.REVOKED, _S.EXPIRED, _S.ENDED}),
}
"""The only moves there are. The database has the same list."""

OPEN = frozenset({_S.REQUESTED, _S.OFFERED})
"""States that wait for an answer."""
OVER = frozenset({_S.REVOKED, _S.EXPIRED, _S.ENDED})
"""States of what was in force and is not any more."""


class MoveError(VadError):
    """This move is not in the list, or is not for this person."""


class TermError(VadError):
    """A last day that no mandate can have."""


class TermFault(StrEnum):
    """What is wrong with a last day."""

    PAST = "past"
    TOO_LATE = "too_late"
    NO_DATE = "no_date"
    LONGER = "longer"
    """Later than what was asked for."""
    TOO_SOON = "too_soon"
    """Before it can have begun: a letter takes its time."""


@dataclass(frozen=True, slots=True)
class Permission:
    """One kind of data that the representative may see (rule 21)."""

    permission_id: UUID
    data_service: str
    resource: ResourceId | None = None
    """The data source; None: all of them."""
    client_id: ClientId | None = None
    """The app; None: all of them."""
    stopped_at: datetime | None = None

    @property
    def about(self) -> tuple[str, ResourceId | None, ClientId | None]:
        """What it is about, whichever mandate it belongs to."""
        return self.data_service, self.resource, self.client_id

    def for_client(self, client_id: ClientId) -> bool:
        """Whether this app may use it."""
        return self.stopped_at is None and self.client_id in (None, client_id)

    def covers(self, client_id: ClientId, resource: ResourceId, data_service: str) -> bool:
        """Whether it lets this app fetch this kind of data at this source."""
        return self.for_client(client_id) and self.data_service == data_service and self.resource in (None, resource)


@dataclass(frozen=True, slots=True)
class Mandate:
    """One mandate, at one moment of its life."""

    mandate_id: MandateId
    route: Route
    state: MandateState
    represented: PersonId | None
    """Whose data it is; None in a request that its code has not reached."""
    representative: PersonId | None
    """Who acts for them; None in an offer that its code has not reached."""
    permissions: tuple[Permission, ...]
    starts_at: datetime
    ends_at: datetime
    """The midnight, in Amsterdam, after its last day."""
    made_at: datetime
    answer_by: datetime
    """When an unanswered one lapses."""
    changed_at: datetime
    """Of its last move."""
    version: int = 1
    label: str = field(default="", repr=False)
    """The name by which whoever made it recognises the other, until the register can say it."""
    last_used_at: datetime | None = None

    def live(self, at: datetime) -> bool:
        """Whether somebody may act on it at `at`."""
        return self.state is MandateState.ACTIVE and self.starts_at <= at < self.ends_at

    def open(self, at: datetime) -> bool:
        """Whether it waits for an answer that still counts."""
        return self.state in OPEN and at < self.answer_by

    def standing(self, at: datetime) -> MandateState:
        """Its state as the clock has it, whether or not somebody has written that down."""
        if self.state is MandateState.ACTIVE and at >= self.ends_at:
            return MandateState.EXPIRED
        if self.state in OPEN and at >= self.answer_by:
            return MandateState.LAPSED
        return self.state

    @property
    def maker(self) -> PersonId | None:
        """Who of the two began; None: neither."""
        if self.route is Route.LEGAL:
            return None
        return self.represented if self.route is Route.OFFER else self.representative

    @property
    def other(self) -> PersonId | None:
        """Whom the code is for; None until it reached them."""
        return self.representative if self.route is Route.OFFER else self.represented

    @property
    def last_day(self) -> date:
        """The last day on which it holds, in Amsterdam."""
        return (self.ends_at.astimezone(AMSTERDAM) - timedelta(microseconds=1)).date()

    def between(self, represented: PersonId, representative: PersonId) -> bool:
        """Whether these are its two sides."""
        return self.represented == represented and self.representative == representative

    def for_client(self, client_id: ClientId) -> bool:
        """Whether it lets this app do anything at all."""
        return any(permission.for_client(client_id) for permission in self.permissions)

    def services_at(self, client_id: ClientId, resource: ResourceId) -> frozenset[str]:
        """The kinds of data that this app may fetch at this source."""
        return frozenset(
            each.data_service for each in self.permissions if each.covers(client_id, resource, each.data_service)
        )

    def services_for(self, client_id: ClientId, resource: ResourceId | None) -> frozenset[str]:
        """The same; `resource` None: at any source."""
        if resource is not None:
            return self.services_at(client_id, resource)
        return frozenset(each.data_service for each in self.permissions if each.for_client(client_id))

    def used_for(
        self, client_id: ClientId, resource: ResourceId | None, data_services: Collection[str]
    ) -> tuple[UUID, ...]:
        """The permissions on which this app gets these kinds of data at this source; `resource` None: the login."""
        if resource is None:
            return tuple(each.permission_id for each in self.permissions if each.for_client(client_id))[:1]
        used = (
            next(each for each in self.permissions if each.covers(client_id, resource, service))
            for service in sorted(data_services)
        )
        return tuple(each.permission_id for each in used)

    def moved(self, to: MandateState, at: datetime) -> "Mandate":
        """The mandate after this move. Raises `MoveError` for one that is not in the list, or comes too late."""
        if to not in MOVES.get(self.state, frozenset()):
            raise MoveError(f"a mandate does not go from {self.state} to {to}")
        if (self.standing(at) is MandateState.LAPSED) is not (to is MandateState.LAPSED) and self.state in OPEN:
            raise MoveError("its time to be answered is over, or is not yet")
        if (self.standing(at) is MandateState.EXPIRED) is not (to is MandateState.EXPIRED):
            raise MoveError("its term is over, or is not yet")
        if to is MandateState.ACTIVE and (self.represented is None or self.representative is None):
            raise MoveError("a mandate has two sides")
        return self._after(at, state=to)

    def reached(self, person_id: PersonId, at: datetime) -> "Mandate":
        """The mandate once its code has reached this person. Raises `MoveError`: only once, and never its maker."""
        if self.maker == person_id or self.other is not None or not self.open(at):
            raise MoveError("its code is of no use to this person")
        side = "representative" if self.route is Route.OFFER else "represented"
        return self._after(at, **{side: person_id})

    def begun(self, starts_at: datetime, at: datetime) -> "Mandate":
        """The mandate in force, from `starts_at` on. Raises `MoveError` where that is no sooner than its end."""
        if starts_at >= self.ends_at:
            raise MoveError("it would be over before it begins")
        return replace(self.moved(MandateState.ACTIVE, at), starts_at=starts_at)

    def narrowed(self, kept: Collection[UUID], at: datetime) -> "Mandate":
        """The mandate with these permissions alone. Raises `MoveError` when none is left: then it is to be stopped."""
        left = tuple(
            each if each.permission_id in kept or each.stopped_at is not None else replace(each, stopped_at=at)
            for each in self.permissions
        )
        if all(each.stopped_at is not None for each in left):
            raise MoveError("nothing is left of it")
        return self._after(at, permissions=left)

    def ending(self, ends_at: datetime, at: datetime) -> "Mandate":
        """The mandate with another end. Raises `MoveError` for one that is over."""
        if not (self.live(at) or self.open(at) or (self.state is MandateState.ACTIVE and at < self.starts_at)):
            raise MoveError("it is over")
        return self._after(at, ends_at=ends_at)

    def _after(self, at: datetime, **changes: Any) -> "Mandate":
        return replace(self, changed_at=max(at, self.changed_at), version=self.version + 1, **changes)

    def same_as(self, other: "Mandate") -> bool:
        """Whether both hold one permission of the same two people (rule 26)."""
        mine, theirs = ({each.about for each in one.permissions if each.stopped_at is None} for one in (self, other))
        return bool(mine & theirs)

    def as_record(self) -> dict[str, object]:
        """What the log keeps of it: references and times, no personal data."""
        return {"mandate": str(self.mandate_id), "mandate_version": self.version}


def ends_after(last_day: date, at: datetime, most_years: int = MOST_YEARS) -> datetime:
    """The moment at which a mandate with this last day ends (rule 22). Raises `TermError` with a `TermFault`."""
    today = at.astimezone(AMSTERDAM).date()
    if last_day < today:
        raise TermError(TermFault.PAST)
    if last_day > latest_day(at, most_years):
        raise TermError(TermFault.TOO_LATE)
    return datetime.combine(last_day + timedelta(days=1), time(), AMSTERDAM).astimezone(UTC)


def latest_day(at: datetime, most_years: int = MOST_YEARS) -> date:
    """The last day that a mandate which is made at `at` may have."""
    return months_later(at.astimezone(AMSTERDAM).date(), 12 * most_years)


def months_later(day: date, months: int) -> date:
    """The same day so many months on; the last day of a month that is too short for it."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_after - timedelta(days=1))


def best_for(
    mandates: Collection[Mandate], client_id: ClientId, wanted: Mapping[ResourceId, frozenset[str]], at: datetime
) -> Mandate | None:
    """Which of somebody's mandates to act on: the one that covers most of what is wanted; of equals the longest.

    One request rests on one mandate, so that stopping that one stops all that came of it.
    """
    live = [each for each in mandates if each.live(at) and each.for_client(client_id)]

    def worth(mandate: Mandate) -> tuple[int, bool, datetime, UUID]:
        covered = sum(len(services & mandate.services_at(client_id, source)) for source, services in wanted.items())
        return covered, mandate.route is Route.LEGAL, mandate.ends_at, mandate.mandate_id

    return max(live, key=worth, default=None)
