"""Evidence from the register."""

from datetime import timedelta

import pytest

from tests.domain.domain_examples import AT, evidence

MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("age", "usable", "fresh"),
    [
        (timedelta(0), True, True),
        (timedelta(minutes=15) - MICROSECOND, True, True),
        (timedelta(minutes=15), True, False),
        (timedelta(hours=24) - MICROSECOND, True, False),
        (timedelta(hours=24), False, False),
        (timedelta(days=400), False, False),
    ],
)
def test_old_evidence(age: timedelta, usable: bool, fresh: bool) -> None:  # noqa: FBT001
    """The decision: evidence of age and death may carry one's own login for 24 h; it is asked anew after 15 min."""
    answered = evidence(answered_at=AT - age)
    assert answered.usable_for_self(AT) is usable
    assert answered.fresh(AT) is fresh
