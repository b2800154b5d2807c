"""What is a signal (A6)."""

from datetime import UTC, datetime

import pytest

from vad.domain.signal import SignalKind, Thresholds, night_before, refusals_rising

AT = datetime(2027, 3, 28, 9, tzinfo=UTC)
"""The day on which the clocks went forward."""
LIMITS = Thresholds(refusals_factor=3.0, refusals_least=50)


@pytest.mark.parametrize(
    ("counts", "rising"),
    [
        ((50, *[16] * 7), True),
        ((50, *[17] * 7), False),
        ((49, *[0] * 7), False),
        ((50, *[0] * 7), True),
        ((300, 700, *[0] * 6), True),
        ((299, 700, *[0] * 6), False),
    ],
)
def test_more_than_usual(counts: tuple[int, ...], *, rising: bool) -> None:
    """A6: so many times as much as the average of the seven days before, and not just a few."""
    found = refusals_rising(counts, LIMITS, AT)
    assert (found is not None) == rising
    if found is not None:
        assert (found.kind, found.person, found.measured) == (SignalKind.REFUSALS_RISING, None, counts[0])
        assert found.occasion == "2027-03-28"


def test_the_night_is_one_of_the_netherlands() -> None:
    """A6: five hours long when the clocks go forward; while it lasts, what of it is over."""
    begins, ends = night_before(AT)
    assert (begins.astimezone(UTC), ends.astimezone(UTC)) == (
        datetime(2027, 3, 27, 23, tzinfo=UTC),
        datetime(2027, 3, 28, 4, tzinfo=UTC),
    )
    still = datetime(2027, 3, 27, 23, 30, tzinfo=UTC)
    assert night_before(still)[1] == still
