"""What somebody should look at: one helper of many people, many wrong codes, more refusals than usual, nights (A6).

A signal is no verdict. It says what was counted, and where in the log it stands.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vad.domain.age import AMSTERDAM
from vad.domain.identifiers import PersonId

WRONG_CODE_TYPES = ("mandate.code_refused", "contact.not_proved")
USE_TYPES = ("token.issued",)
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


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many on it is a signal. Settings of the operator."""

    people: int = 5
    wrong_codes: int = 10
    refusals_factor: float = 3.0
    """How many times as much as usual."""
    refusals_least: int = 50
    night_uses: int = 20


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing to look at. What has been handled comes back only as another one: more people, another day."""

    kind: SignalKind
    person: PersonId | None
    """Whom it is about; None where it is about everybody."""
    occasion: str
    """What tells it from the same an earlier time: the number, or the day."""
    measured: int
    since: datetime
    until: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """By which it is handled."""
        return (self.kind.value, str(self.person) if self.person else "", self.occasion)


def night_before(at: datetime) -> tuple[datetime, datetime]:
    """The last night that has begun, midnight to six in the Netherlands; what of it is over."""
    here = at.astimezone(AMSTERDAM)
    begins = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return begins, min(at, begins.replace(hour=_NIGHT_ENDS))


def many_people(person: PersonId, number: int, at: datetime) -> Signal:
    """Somebody who may act for this many."""
    return Signal(SignalKind.MANY_PEOPLE, person, str(number), number, at - timedelta(days=30), at)


def of_the_day(kind: SignalKind, person: PersonId, number: int, since: datetime, until: datetime) -> Signal:
    """Something that somebody did so often in a day or a night."""
    return Signal(kind, person, until.astimezone(AMSTERDAM).date().isoformat(), number, since, until)


def refusals_rising(counts: tuple[int, ...], limits: Thresholds, at: datetime) -> Signal | None:
    """`counts` are the refusals of each day, of 24 hours up to `at`, the last day first."""
    today, before = counts[0], counts[1 : USUAL_DAYS + 1]
    usual = sum(before) / USUAL_DAYS
    if today < limits.refusals_least or today < usual * limits.refusals_factor:
        return None
    day = at.astimezone(AMSTERDAM).date().isoformat()
    return Signal(SignalKind.REFUSALS_RISING, None, day, today, at - timedelta(days=1), at)
