"""Counting what somebody should look at: for the page that shows it, and for the worker that says so (A6)."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Protocol

from vad.domain.age import AMSTERDAM
from vad.domain.identifiers import ClientId, PersonId
from vad.domain.signal import (
    CHANGE_TYPES,
    USE_TYPES,
    USUAL_DAYS,
    WRONG_CODE_TYPES,
    Signal,
    SignalKind,
    Thresholds,
    app_changed,
    last_days,
    last_nights,
    many_people,
    of_the_day,
    refusals_rising,
)

MOST = 50
"""Of one kind: whoever has more of them has another problem."""


class SignalCounting(Protocol):
    """Counts in the stores, each by an index."""

    def helpers(self, least: int, most: int) -> tuple[tuple[PersonId, int], ...]:
        """Who may act for at least so many people, and for how many."""

    def doers(
        self,
        types: tuple[str, ...],
        since: datetime,
        until: datetime,
        least: int,
        most: int,
        *,
        for_others: bool = False,
    ) -> tuple[tuple[PersonId, int], ...]:
        """Who did such a thing at least so often, and how often; `for_others`: only what they did for somebody else."""

    def refusals(self, since: datetime, until: datetime) -> Mapping[date, int]:
        """How much was refused on each day in the Netherlands; a day without any is not in it."""

    def by_apps(
        self, types: tuple[str, ...], since: datetime, until: datetime, least: int, most: int
    ) -> tuple[tuple[date, ClientId, int], ...]:
        """Which apps did such a thing at least so often on one day in the Netherlands, the newest first."""


def counted(counting: SignalCounting, limits: Thresholds, at: datetime) -> tuple[Signal, ...]:
    """Every signal of the last days and nights, whether or not somebody has handled it."""
    return tuple(_counted(counting, limits, at))


def _counted(counting: SignalCounting, limits: Thresholds, at: datetime) -> Iterator[Signal]:
    for who, number in counting.helpers(limits.people, MOST):
        yield many_people(who, number, limits, at)
    days, least = tuple(last_days(at, limits.days)), limits.wrong_codes
    for since, until in days:
        for who, number in counting.doers(WRONG_CODE_TYPES, since, until, least, MOST):
            yield of_the_day(SignalKind.WRONG_CODES, who, number, least, since, until)
    *_, (first, _) = last_days(at, limits.days + USUAL_DAYS)
    refused = counting.refusals(first, at)
    for since, until in days:
        rising = refusals_rising(refused, limits, since, until)
        if rising is not None:
            yield rising
    (oldest, _), changes = days[-1], {since.astimezone(AMSTERDAM).date(): (since, until) for since, until in days}
    for day, client_id, number in counting.by_apps(CHANGE_TYPES, oldest, at, limits.app_changes, MOST):
        yield app_changed(client_id, number, limits.app_changes, *changes[day])
    least = limits.night_uses
    for since, until in last_nights(at, limits.days):
        for who, number in counting.doers(USE_TYPES, since, until, least, MOST, for_others=True):
            yield of_the_day(SignalKind.NIGHT_BURST, who, number, least, since, until)
