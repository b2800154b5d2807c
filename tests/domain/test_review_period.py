"""Quarters and years, as the calendar in the Netherlands has them."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from vad.domain.review_period import ReviewPeriod


def test_a_quarter_begins_at_midnight_in_the_netherlands() -> None:
    """Rule 44: each moment is in one quarter, and the four of them are the year."""
    year = ReviewPeriod.named("2026")
    quarters = [ReviewPeriod.named(f"2026Q{number}") for number in range(1, 5)]
    assert quarters[0].since == year.since == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert quarters[2].until == datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert quarters[3].until == year.until == datetime(2026, 12, 31, 23, tzinfo=UTC)
    for earlier, later in pairwise(quarters):
        assert earlier.until == later.since
        assert later.before == earlier
    for each in quarters:
        assert ReviewPeriod.quarter_of(each.since) == each
        assert ReviewPeriod.named(each.name) == each
    assert quarters[0].before.name == "2025Q4"
    assert year.before.name == "2025"


@pytest.mark.parametrize("name", ["", "2026Q5", "2026q1", "26", "2026Q", "2026Q1 ", "9999"])
def test_what_is_no_period(name: str) -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="quarter"):
        ReviewPeriod.named(name)
