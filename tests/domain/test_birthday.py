"""When parent and child are told of a birthday (rule 12)."""

from datetime import date
from uuid import UUID

import pytest

from vad.domain.age import BirthDate
from vad.domain.birthday import due, watches
from vad.domain.identifiers import PersonId

CHILD, PARENT = PersonId(UUID(int=1)), PersonId(UUID(int=2))
BORN = BirthDate(2015, 3, 14)
"""Twelve on 14 March 2027, sixteen on 14 March 2031."""


@pytest.mark.parametrize(
    ("today", "notices"),
    [
        (date(2027, 1, 12), 0),
        (date(2027, 1, 13), 1),
        (date(2027, 2, 27), 1),
        (date(2027, 2, 28), 2),
        (date(2027, 3, 13), 2),
        (date(2027, 3, 14), None),
        (date(2028, 1, 1), None),
    ],
)
def test_sixty_and_fourteen_days_before(today: date, notices: int | None) -> None:
    """Rule 12: not a day sooner; on the day itself there is nothing to tell any more."""
    assert due(BORN, 12, today) == notices


def test_born_on_a_leap_day() -> None:
    """Rule 10: twelve on a 29 February, sixteen as well; where there is none, on 1 March."""
    assert due(BirthDate(2012, 2, 29), 16, date(2028, 2, 14)) == 1
    assert due(BirthDate(2012, 2, 29), 16, date(2028, 2, 15)) == 2
    assert due(BirthDate(2088, 2, 29), 12, date(2100, 2, 14)) == 1
    assert due(BirthDate(2088, 2, 29), 12, date(2100, 2, 15)) == 2


@pytest.mark.parametrize("birth", [BirthDate(), BirthDate(2015), BirthDate(2015, 3)])
def test_nobody_guesses_a_birthday(birth: BirthDate) -> None:
    """Rule 11: of a date that is known in part nobody is told."""
    assert due(birth, 12, date(2027, 2, 1)) is None
    assert watches(CHILD, PARENT, birth, date(2026, 1, 1)) == ()


@pytest.mark.parametrize(
    ("today", "known"),
    [
        (date(2026, 1, 1), [(12, date(2027, 1, 1)), (16, date(2031, 1, 1))]),
        (date(2027, 3, 13), [(12, date(2027, 1, 1)), (16, date(2031, 1, 1))]),
        (date(2027, 3, 14), [(16, date(2031, 1, 1))]),
        (date(2031, 3, 14), []),
    ],
)
def test_what_lies_ahead_is_watched(today: date, known: list[tuple[int, date]]) -> None:
    """By the month of the first notice alone: the date of birth itself stands nowhere in clear."""
    found = watches(CHILD, PARENT, BORN, today)
    assert [(watch.years, watch.month) for watch in found] == known
    assert {(watch.child, watch.holder, watch.told) for watch in found} <= {(CHILD, PARENT, 0)}
