"""What somebody should look at (A6).

One helper of many people, many wrong codes, more refusals than usual, nights, and apps that change their own
registration. A signal is no verdict. It says what was counted, and where in the log it stands. There is one for each
day or night that had it, so that it is found by whoever looks days later; and one that grew to twice its size is
another one.
Of many people there is one for each year: nobody is passed by for good because somebody once said that it was right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from vad.domain.age import AMSTERDAM
from vad.domain.identifiers import ClientId, PersonId

WRONG_CODE_TYPES = ("mandate.code_refused", "contact.not_proved")
USE_TYPES = ("token.issued",)
CHANGE_TYPES = ("registration.changed",)
_NIGHT_ENDS = 6
"""Hours."""
USUAL_DAYS = 7
"""What is usual is what these days before had."""


class SignalKind(StrEnum):
    """What is looked at."""

    MANY_PEOPLE = "many_people"
    """One person may act for many others."""
    WRONG_CODES = "wrong_codes"
    """One person filled in many wrong codes within a day."""
    REFUSALS_RISING = "refusals_rising"
    """More was refused within a day than in the days before."""
    NIGHT_BURST = "night_burst"
    """One person used access to others often in one night."""
    APP_CHANGED = "app_changed"
    """An app that registered itself changed its registration within a day: nobody of the staff agreed to that."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many on it is a signal. Settings of the operator."""

    people: int = 5
    wrong_codes: int = 10
    refusals_factor: float = 3.0
    """How many times as much as usual."""
    refusals_least: int = 50
    night_uses: int = 20
    app_changes: int = 1
    days: int = 14
    """So many days and nights are looked back over."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing to look at. What has been handled comes back only as another one: twice as much, or another time."""

    kind: SignalKind
    person: PersonId | None
    """Whom it is about; None where it is about everybody."""
    occasion: str
    """What tells it from the same an earlier time: the day or year, and how often the number has doubled."""
    measured: int
    since: datetime
    until: datetime
    client_id: ClientId | None = None
    """Which app it is about; None where it is about none. The occasion names it too."""

    @property
    def key(self) -> tuple[str, str, str]:
        """By which it is handled."""
        return (self.kind.value, str(self.person) if self.person else "", self.occasion)

    @property
    def evidence(self) -> Mapping[str, str | int]:
        """What the log says of it."""
        person = {"person": str(self.person)} if self.person else {}
        return {"signal": self.kind.value, "occasion": self.occasion, "measured": self.measured, **person}


def last_days(at: datetime, number: int) -> Iterator[tuple[datetime, datetime]]:
    """The last days in the Netherlands, the newest first: what of each is over."""
    for day in _days_before(at, number):
        yield _midnight(day), min(at, _midnight(day + timedelta(days=1)))


def last_nights(at: datetime, number: int) -> Iterator[tuple[datetime, datetime]]:
    """The last nights that have begun, midnight to six in the Netherlands, the newest first: what of each is over."""
    for day in _days_before(at, number):
        begins = _midnight(day)
        yield begins, min(at, begins.replace(hour=_NIGHT_ENDS))


def many_people(person: PersonId, number: int, limits: Thresholds, at: datetime) -> Signal:
    """Somebody who may act for this many. Each year anew: what was in order then may not be so for good."""
    grown, year = limits.people * _doublings(number, limits.people), at.astimezone(AMSTERDAM).year
    return Signal(SignalKind.MANY_PEOPLE, person, f"{year}.{grown}", number, at - timedelta(days=30), at)


def of_the_day(
    kind: SignalKind, person: PersonId | None, number: int, least: float, since: datetime, until: datetime
) -> Signal:
    """Something that was done so often in a day or a night, of which at least so much is a signal."""
    day, grown = since.astimezone(AMSTERDAM).date().isoformat(), _doublings(number, least)
    return Signal(kind, person, day if grown == 1 else f"{day}.{grown}", number, since, until)


def app_changed(client_id: ClientId, number: int, least: float, since: datetime, until: datetime) -> Signal:
    """An app that changed its own registration so often in a day."""
    found = of_the_day(SignalKind.APP_CHANGED, None, number, least, since, until)
    return replace(found, client_id=client_id, occasion=f"{found.occasion}.{client_id}")


def refusals_rising(counts: Mapping[date, int], limits: Thresholds, since: datetime, until: datetime) -> Signal | None:
    """`counts` are the refusals of each day in the Netherlands: of the one that began at `since`, and those before."""
    day = since.astimezone(AMSTERDAM).date()
    usual = sum(counts.get(day - timedelta(days=ago), 0) for ago in range(1, USUAL_DAYS + 1)) / USUAL_DAYS
    number, least = counts.get(day, 0), max(limits.refusals_least, usual * limits.refusals_factor)
    return of_the_day(SignalKind.REFUSALS_RISING, None, number, least, since, until) if number >= least else None


def _doublings(number: int, least: float) -> int:
    """1, 2, 4 and so on: how many times the least that is a signal fits in, told so that not every one more counts."""
    times = 1
    while number >= least * times * 2:
        times *= 2
    return times


def _days_before(at: datetime, number: int) -> Iterator[date]:
    today = at.astimezone(AMSTERDAM).date()
    return (today - timedelta(days=ago) for ago in range(number))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM)
