"""A1: how many mandates there are, what happened to them in a period, and what was refused and why. No persons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from vad.domain.mandate_events import MandateAccepted, MandateApproved, MandateEnded, MandateExpired, MandateStopped
from vad.domain.staff import StaffAction, StaffMember, check


class Period(StrEnum):
    """How far back one looks."""

    WEEK = "week"
    MONTH = "maand"
    YEAR = "jaar"

    @classmethod
    def named(cls, name: str | None) -> "Period":
        """The one with this name; a month for any other."""
        return next((period for period in cls if period == name), cls.MONTH)

    @property
    def length(self) -> timedelta:
        """From its beginning to now."""
        return timedelta(days={Period.WEEK: 7, Period.MONTH: 30, Period.YEAR: 365}[self])

    @property
    def step(self) -> str:
        """What one bar of the chart stands for: a day or a month."""
        return "month" if self is Period.YEAR else "day"


class Change(StrEnum):
    """What may happen to a mandate, as the overview counts it."""

    NEW = "new"
    STOPPED = "stopped"
    EXPIRED = "expired"
    ENDED = "ended"


COUNTED: Mapping[str, Change] = {
    MandateAccepted.type: Change.NEW,
    MandateApproved.type: Change.NEW,
    MandateStopped.type: Change.STOPPED,
    MandateExpired.type: Change.EXPIRED,
    MandateEnded.type: Change.ENDED,
}
"""By which event."""


@dataclass(frozen=True, slots=True)
class Step:
    """A day or a month, and what happened in it."""

    begins: datetime
    changes: Mapping[Change, int]

    def of(self, change: Change) -> int:
        """How often this happened."""
        return self.changes.get(change, 0)

    @property
    def over(self) -> int:
        """How many came to an end, in whatever way."""
        return sum(number for change, number in self.changes.items() if change is not Change.NEW)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the overview shows."""

    active: int
    steps: tuple[Step, ...]
    """Every one of the period, oldest first, also where nothing happened."""
    refusals: tuple[tuple[str, int], ...]
    """By reason, the most frequent first."""

    def total(self, change: Change) -> int:
        """How often this happened in the whole period."""
        return sum(step.of(change) for step in self.steps)


class Counting(Protocol):
    """Counts in the stores."""

    def active_mandates(self, at: datetime) -> int:
        """How many are in force."""

    def steps(self, since: datetime, at: datetime, step: str) -> tuple[Step, ...]:
        """Every day or month of a period, oldest first."""

    def refusals(self, since: datetime, at: datetime) -> tuple[tuple[str, int], ...]:
        """By reason, the most frequent first."""


@dataclass(frozen=True, slots=True)
class StaffOverview:
    """The use case."""

    counting: Counting

    def figures(self, member: StaffMember, period: Period, at: datetime) -> Figures:
        """The figures of this period. Raises `NotPermittedError`."""
        check(member, StaffAction.OVERVIEW_VIEW)
        since = at - period.length
        return Figures(
            self.counting.active_mandates(at),
            self.counting.steps(since, at, period.step),
            self.counting.refusals(since, at),
        )
