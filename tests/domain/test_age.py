"""Ages and their boundaries."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vad.domain.age import AMSTERDAM, BirthDate, birthday, next_boundary, reached

MOMENT = timedelta(microseconds=1)
BIRTHS = st.dates(date(1900, 1, 1), date(2060, 12, 31))
TIMES = st.datetimes(datetime(1950, 1, 1), datetime(2080, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
YEARS = st.sampled_from([12, 16, 18])


def midnight(day: date) -> datetime:
    """The first moment of a day in Amsterdam, in UTC."""
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def whole(day: date) -> BirthDate:
    """A birth date of which everything is known."""
    return BirthDate(day.year, day.month, day.day)


@pytest.mark.parametrize("years", [12, 16, 18])
def test_a_boundary_is_reached_at_midnight_in_amsterdam(years: int) -> None:
    """Rules 10 and 11: 11y364d is not 12, 12y0d is; likewise 16 and 18. The day begins at 00:00 Europe/Amsterdam."""
    turns = midnight(date(2026, 11, 21))
    assert turns == datetime(2026, 11, 20, 23, tzinfo=UTC)
    born = BirthDate(2026 - years, 11, 21)
    assert reached(born, years, turns - MOMENT) is False
    assert reached(born, years, turns) is True


@pytest.mark.parametrize(
    ("years", "turns"),
    [(12, date(2020, 2, 29)), (16, date(2024, 2, 29)), (18, date(2026, 3, 1)), (13, date(2021, 3, 1))],
)
def test_born_on_29_february(years: int, turns: date) -> None:
    """Rule 10: on 1 March in years without 29 February, as the BRP counts `leeftijd`."""
    assert birthday(date(2008, 2, 29), years) == turns
    born = BirthDate(2008, 2, 29)
    assert reached(born, years, midnight(turns) - MOMENT) is False
    assert reached(born, years, midnight(turns)) is True


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),  # the clock goes forward later that night
        (date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 24, 22, tzinfo=UTC)),  # the clock goes back later that night
        (date(2026, 10, 26), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    ],
)
def test_the_night_of_the_clock_change(day: date, utc: datetime) -> None:
    """Rule 10: midnight is Amsterdam's own, also around the change between winter and summer time."""
    born = BirthDate(day.year - 16, day.month, day.day)
    assert reached(born, 16, utc - MOMENT) is False
    assert reached(born, 16, utc) is True
    assert next_boundary(born, utc - MOMENT) == utc


@pytest.mark.parametrize(
    ("birth", "day", "expected"),
    [
        (BirthDate(), date(2026, 11, 21), None),
        (BirthDate(2010), date(2025, 12, 31), False),
        (BirthDate(2010), date(2026, 1, 1), None),
        (BirthDate(2010), date(2026, 12, 30), None),
        (BirthDate(2010), date(2026, 12, 31), True),
        (BirthDate(2010, 11), date(2026, 10, 31), False),
        (BirthDate(2010, 11), date(2026, 11, 1), None),
        (BirthDate(2010, 11), date(2026, 11, 29), None),
        (BirthDate(2010, 11), date(2026, 11, 30), True),
        (BirthDate(2008, 2), date(2024, 2, 28), None),
        (BirthDate(2008, 2), date(2024, 2, 29), True),
        (BirthDate(2010, 2), date(2026, 2, 28), True),
    ],
)
def test_partial_and_unknown_birth_dates(birth: BirthDate, day: date, expected: bool | None) -> None:  # noqa: FBT001
    """Rule 11: where the known parts leave the age open it is not known; where they do not, it is."""
    assert reached(birth, 16, midnight(day)) is expected


@given(BIRTHS, YEARS, TIMES)
@example(date(2008, 2, 29), 18, midnight(date(2026, 2, 28)))
@example(date(2008, 2, 29), 18, midnight(date(2026, 3, 1)))
def test_age_as_it_is_counted_by_hand(born: date, years: int, at: datetime) -> None:
    """Rules 10 and 11: the years between, less one while this year's birthday is still ahead."""
    today = at.astimezone(AMSTERDAM).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    assert reached(whole(born), years, at) is (age >= years)


@given(BIRTHS, YEARS, TIMES, st.booleans())
def test_partial_is_certain_only_if_every_possible_day_agrees(
    born: date,
    years: int,
    at: datetime,
    month_known: bool,  # noqa: FBT001
) -> None:
    """Rule 11: whatever day somebody was really born on, what is said of a partial date is never wrong."""
    partial = BirthDate(born.year, born.month if month_known else None)
    assert partial.earliest is not None
    assert partial.latest is not None
    assert partial.earliest <= born <= partial.latest
    answers = {reached(whole(day), years, at) for day in (partial.earliest, born, partial.latest)}
    said = reached(partial, years, at)
    assert said in {None, reached(whole(born), years, at)}
    assert (said is None) == (len(answers) > 1)


@given(BIRTHS, TIMES, st.sampled_from(["year", "month", "day"]))
@example(date(2008, 2, 29), midnight(date(2026, 3, 1)) - MOMENT, "day")
@example(date(1984, 1, 2), midnight(date(2000, 1, 1)), "month")
def test_next_boundary_is_the_first_change_ahead(born: date, at: datetime, known: str) -> None:
    """The decision: `until` is at most the next age boundary: what is said of 12, 16 or 18 is the same until then."""
    birth = BirthDate(born.year, born.month if known != "year" else None, born.day if known == "day" else None)

    def ages(moment: datetime) -> list[bool | None]:
        return [reached(birth, years, moment) for years in (12, 16, 18)]

    boundary = next_boundary(birth, at)
    if boundary is None:
        assert ages(at) == [True, True, True]
        return
    assert boundary > at
    assert ages(at) == ages(boundary - MOMENT)
    assert ages(boundary - MOMENT) != ages(boundary)


def test_no_boundary_ahead() -> None:
    """Somebody of 18 has no boundary left, and of an unknown date none is known."""
    assert next_boundary(BirthDate(1984, 5, 17), midnight(date(2026, 11, 21))) is None
    assert next_boundary(BirthDate(2008, 11, 21), midnight(date(2026, 11, 21))) is None
    assert next_boundary(BirthDate(), midnight(date(2026, 11, 21))) is None


@pytest.mark.parametrize(
    "parts",
    [
        (None, 5, None),
        (None, None, 17),
        (2010, None, 17),
        (2010, 0, None),
        (2010, 13, None),
        (2010, 5, 0),
        (2010, 4, 31),
        (2011, 2, 29),
        (0, 1, 1),
        (-1, 1, 1),
        (10_000, 1, 1),
        (9999, 12, 31),
        (9999, None, None),
    ],
)
def test_what_is_no_birth_date(parts: tuple[int | None, int | None, int | None]) -> None:
    """Rule 11: a birth date is known from the year down, and a zero is no way to say unknown."""
    with pytest.raises(ValueError, match=r"."):
        BirthDate(*parts)


@given(st.integers(), st.none() | st.integers(-1, 14), st.none() | st.integers(-1, 33), YEARS, TIMES)
def test_every_birth_date_has_an_answer(
    year: int, month: int | None, day: int | None, years: int, at: datetime
) -> None:
    """A birth date that could be made never makes a decision fail later."""
    try:
        birth = BirthDate(year, month, day)
    except (ValueError, OverflowError):
        return
    assert reached(birth, years, at) in {True, False, None}
    next_boundary(birth, at)
