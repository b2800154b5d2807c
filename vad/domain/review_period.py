"""The quarter or year that a review of access is about (rule 44)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from vad.domain.age import AMSTERDAM

_NAME = re.compile(r"(2[0-9]{3})(?:Q([1-4]))?")


@dataclass(frozen=True, slots=True, order=True)
class ReviewPeriod:
    """A calendar year in the Netherlands, or one quarter of it."""

    year: int
    quarter: int | None = None

    @classmethod
    def named(cls, name: str) -> "ReviewPeriod":
        """The one with this name: 2026Q4, or 2026. Raises `ValueError`."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise ValueError("not a quarter (2026Q4) or a year (2026)")
        return cls(int(found[1]), int(found[2]) if found[2] else None)

    @classmethod
    def quarter_of(cls, at: datetime) -> "ReviewPeriod":
        """The quarter of this moment."""
        day = at.astimezone(AMSTERDAM)
        return cls(day.year, (day.month + 2) // 3)

    @property
    def name(self) -> str:
        """As `named` reads it."""
        return f"{self.year}Q{self.quarter}" if self.quarter else str(self.year)

    @property
    def since(self) -> datetime:
        """When it begins."""
        return _first(self.year, 3 * (self.quarter or 1) - 2)

    @property
    def until(self) -> datetime:
        """When it is over."""
        month = 3 * (self.quarter or 4) + 1
        return _first(self.year + 1, 1) if month > 12 else _first(self.year, month)  # noqa: PLR2004 - of the year

    @property
    def before(self) -> "ReviewPeriod":
        """The period of the same length that ended when this one began."""
        if self.quarter is None or self.quarter == 1:
            return ReviewPeriod(self.year - 1, self.quarter and 4)
        return ReviewPeriod(self.year, self.quarter - 1)


def _first(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=AMSTERDAM).astimezone(UTC)
