"""What is a signal (A6)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from vad.domain.identifiers import ClientId, PersonId
from vad.domain.signal import (
    SignalKind,
    Thresholds,
    app_changed,
    last_days,
    last_nights,
    many_people,
    of_the_day,
    refusals_rising,
)

AT = datetime(2027, 3, 28, 9, tzinfo=UTC)
"""The day on which the clocks went forward."""
TODAY, *_ = last_days(AT, 1)
LIMITS = Thresholds(people=5, refusals_factor=3.0, refusals_least=50)
SOMEBODY = PersonId(UUID(int=1))


@pytest.mark.parametrize(
    ("counts", "occasion"),
    [
        ((50, *[16] * 7), "2027-03-28"),
        ((50, *[17] * 7), None),
        ((49, *[0] * 7), None),
        ((50, *[0] * 7), "2027-03-28"),
        ((99, *[0] * 7), "2027-03-28"),
        ((100, *[0] * 7), "2027-03-28.2"),
        ((300, 700, *[0] * 6), "2027-03-28"),
        ((299, 700, *[0] * 6), None),
        ((600, 700, *[0] * 6), "2027-03-28.2"),
    ],
)
def test_more_than_usual(counts: tuple[int, ...], occasion: str | None) -> None:
    """A6: so many times as much as the average of the seven days before, and not just a few."""
    by_day = {(AT - timedelta(days=ago)).date(): number for ago, number in enumerate(counts)}
    found = refusals_rising(by_day, LIMITS, *TODAY)
    assert (found.occasion if found else None) == occasion
    if found is not None:
        assert (found.kind, found.person, found.measured) == (SignalKind.REFUSALS_RISING, None, counts[0])


def test_nights_and_days_are_those_of_the_netherlands() -> None:
    """A6: a night is five hours long when the clocks go forward; while it lasts, what of it is over."""
    night, before = last_nights(AT, 2)
    assert night == (datetime(2027, 3, 27, 23, tzinfo=UTC), datetime(2027, 3, 28, 4, tzinfo=UTC))
    assert before == (datetime(2027, 3, 26, 23, tzinfo=UTC), datetime(2027, 3, 27, 5, tzinfo=UTC))
    still = datetime(2027, 3, 27, 23, 30, tzinfo=UTC)
    assert [ends for _, ends in last_nights(still, 2)] == [still, before[1]]
    assert list(last_days(AT, 2)) == [(night[0], AT), (before[0], night[0])]


def test_what_doubles_is_another_signal() -> None:
    """A6: who handled one is not asked again for one more, but for twice as much, another day, or year."""
    of_people = [many_people(SOMEBODY, number, LIMITS, AT).key for number in (5, 9, 10, 19, 20, 41)]
    assert [key[2] for key in of_people] == ["2027.5", "2027.5", "2027.10", "2027.10", "2027.20", "2027.40"]
    new_year = datetime(2027, 12, 31, 23, tzinfo=UTC)
    assert many_people(SOMEBODY, 9, LIMITS, new_year).occasion == "2028.5", "who was right once is looked at each year"
    kind = SignalKind.NIGHT_BURST
    today = [of_the_day(kind, SOMEBODY, number, 20, *TODAY).occasion for number in (20, 39, 40)]
    assert today == ["2027-03-28", "2027-03-28", "2027-03-28.2"]
    apps = [app_changed(ClientId(each), number, 1, *TODAY).key for each in ("a", "b") for number in (1, 1, 2)]
    assert [apps.count(each) for each in apps] == [2, 2, 1] * 2, "each app has its own"
    assert len({of_the_day(kind, SOMEBODY, 20, 20, *day).key for day in last_days(AT, 14)}) == 14
