"""Birth dates as registers know them, and ages that are written relative to today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_DAYS_IN_A_YEAR = 365
_OLDEST = 130


@dataclass(frozen=True)
class BirthDate:
    """A birth date as registers know it: complete, without its day, without day and month, or unknown."""

    year: int | None = None
    month: int | None = None
    day: int | None = None

    @property
    def full(self) -> date | None:
        """The date when all of it is known, else None."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)

    def age_on(self, today: date) -> int | None:
        """Age in whole years on `today`, or None where it is not certain.

        Somebody born on 29 February has a birthday on 1 March in other years (rule 10). With only year and month
        known, the age is uncertain during the month of birth; with only the year known it always is (BRP `leeftijd`).
        """
        if self.year is None or self.month is None:
            return None
        if self.day is None:
            if today.month == self.month:
                return None
            return today.year - self.year - (today.month < self.month)
        return today.year - self.year - ((today.month, today.day) < (self.month, self.day))

    def __str__(self) -> str:
        if self.year is None:
            return "unknown"
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)

    @staticmethod
    def parse(text: str) -> "BirthDate":
        """Read `1950-03-01`, `1950-03`, `1950` or `unknown`; anything else raises `ValueError`."""
        if text == "unknown":
            return BirthDate()
        parts = text.split("-")
        widths = [len(part) for part in parts]
        if widths not in ([4], [4, 2], [4, 2, 2]) or not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError('a birth date is "1950-03-01", "1950-03", "1950" or "unknown"')
        numbers = [int(part) for part in parts]
        try:
            date(*[*numbers, 1, 1][:3])
        except ValueError:
            raise ValueError("the birth date is not a date of the calendar") from None
        return BirthDate(*numbers)


def birth_date(table: Mapping[str, Any], today: date) -> BirthDate:
    """Read the one of `birth`, `age` and `turns` that a person's table holds. Raises `ValueError` with one line."""
    given = [key for key in ("birth", "age", "turns") if key in table]
    if len(given) != 1:
        raise ValueError("give exactly one of birth, age and turns")
    value = table[given[0]]
    if given == ["birth"]:
        return BirthDate.parse(value if isinstance(value, str) else "")
    return _relative_age(value, today) if given == ["age"] else _next_birthday(value, today)


def _relative_age(value: Any, today: date) -> BirthDate:
    """`{years = 42, days = 100}`: 42 years and 100 days old; `known = "year"` or `"month"` hides the rest."""
    if not isinstance(value, dict) or not {"years"} <= set(value) <= {"years", "days", "known"}:
        raise ValueError('age must be a table {years = 42, days = 100}, with known = "year" or "month" if partial')
    years = whole(value["years"], "age.years", 0, _OLDEST)
    born = _years_before(today, years, leap_day=28)
    born -= timedelta(whole(value.get("days", 0), "age.days", 0, _DAYS_IN_A_YEAR - 1))
    known = value.get("known", "day")
    if known not in ("day", "month", "year"):
        raise ValueError('age.known must be "year", "month" or "day"')
    return BirthDate(born.year, born.month if known != "year" else None, born.day if known == "day" else None)


def _next_birthday(value: Any, today: date) -> BirthDate:
    """`{years = 16, in_days = 3}`: turns 16 three days from now."""
    if not isinstance(value, dict) or set(value) != {"years", "in_days"}:
        raise ValueError("turns must be a table {years = 16, in_days = 3}")
    birthday = today + timedelta(whole(value["in_days"], "turns.in_days", 0, _DAYS_IN_A_YEAR))
    born = _years_before(birthday, whole(value["years"], "turns.years", 1, _OLDEST), leap_day=1)
    return BirthDate(born.year, born.month, born.day)


def _years_before(day: date, years: int, *, leap_day: int) -> date:
    """`day` in an earlier year; where that year has no 29 February, 28 February or 1 March, by `leap_day`."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2 if leap_day == 28 else 3, leap_day)  # noqa: PLR2004


def whole(value: Any, name: str, lowest: int, highest: int) -> int:
    """Return `value` when it is a whole number within the bounds; else raises `ValueError` naming it."""
    if type(value) is not int or not lowest <= value <= highest:
        raise ValueError(f"{name} must be a whole number from {lowest} to {highest}")
    return value
