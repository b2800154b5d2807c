"""Ages as Dutch law counts them: they change at midnight in Amsterdam (rules 10 and 11)."""

from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BOUNDARIES = (12, 16, 18)
"""The ages in years at which somebody's rights change."""


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A date of birth as the BRP knows it: whole, or with the day, the month or everything unknown.

    Raises `ValueError` when the known parts are no date.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if (self.month is not None and self.year is None) or (self.day is not None and self.month is None):
            raise ValueError("a birth date is known from the year down")
        self.earliest  # noqa: B018 - building the date checks the parts
        if self.latest is not None:
            birthday(self.latest, BOUNDARIES[-1])  # a birthday beyond the last year of the calendar would never come

    @property
    def earliest(self) -> date | None:
        """The first day on which the person can have been born; None when nothing is known."""
        if self.year is None:
            return None
        return date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    @property
    def latest(self) -> date | None:
        """The last day on which the person can have been born; None when nothing is known."""
        if self.year is None:
            return None
        month = 12 if self.month is None else self.month
        return date(self.year, month, monthrange(self.year, month)[1] if self.day is None else self.day)


def written(year: str, month: str, day: str) -> BirthDate | None:
    """What somebody wrote in three fields; None for what is no date. Unknown parts may be left open, or be 0."""
    try:
        known = [int(part) or None if part else None for part in (year, month, day)]
        birth = BirthDate(*known)
    except (ValueError, OverflowError):
        return None
    return birth if birth.year is not None else None


def reached(birth: BirthDate, years: int, at: datetime) -> bool | None:
    """Whether somebody is `years` old or older at `at`; None where the known parts leave that open (rule 11)."""
    today = at.astimezone(AMSTERDAM).date()
    if birth.earliest is None or birth.latest is None:
        return None
    surely = birthday(birth.latest, years) <= today
    possibly = birthday(birth.earliest, years) <= today
    if surely:
        return True
    return None if possibly else False


def years_old(birth: BirthDate, at: datetime) -> int | None:
    """The age in whole years at `at`; None where the known parts leave it open."""
    today = at.astimezone(AMSTERDAM).date()
    if birth.earliest is None or birth.latest is None or birth.earliest > today:
        return None
    ages = {_years_old(birth.earliest, today), _years_old(birth.latest, today)}
    return ages.pop() if len(ages) == 1 else None


def _years_old(born: date, today: date) -> int:
    years = today.year - born.year
    return years if birthday(born, years) <= today else years - 1


def birthday(born: date, years: int) -> date:
    """The day on which somebody born on `born` becomes `years` old.

    Born on 29 February: on 1 March in years without that day (rule 10, BRP `leeftijd`).
    """
    year = born.year + years
    if born.month == 2 and born.day == 29 and not isleap(year):  # noqa: PLR2004
        return date(year, 3, 1)
    return born.replace(year=year)


def since(birth: BirthDate, years: int) -> datetime | None:
    """The first moment at which the person may be `years` old; None when nothing is known of their birth."""
    return None if birth.earliest is None else _midnight(birthday(birth.earliest, years))


def next_boundary(birth: BirthDate, at: datetime) -> datetime | None:
    """The first moment after `at` at which the person may reach 12, 16 or 18; None when none lies ahead.

    With a partial date the first and the last possible day count: what `reached` says is the same until then.
    """
    if birth.earliest is None:
        return None
    moments = (
        _midnight(birthday(day, years))
        for day in (birth.earliest, birth.latest)
        if day is not None
        for years in BOUNDARIES
    )
    return min((moment for moment in moments if moment > at), default=None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)
