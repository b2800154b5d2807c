"""Asking for a mandate by letter (rule 23)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain.domain_examples import AT, evidence, mandate
from vad.domain.age import BirthDate, written
from vad.domain.identifiers import Bsn
from vad.domain.mandate import Mandate, MandateState, MoveError, Route, TermError, TermFault
from vad.domain.mandate_letter import Addressee, Withheld, check_not_too_soon, withheld
from vad.domain.person import Evidence

DAY = timedelta(days=1)
BORN = BirthDate(1938, 11, 8)


def why(known: Evidence | None, birth: BirthDate = BORN) -> Withheld | None:
    """Why somebody of whom the register says this gets no letter."""
    return withheld(Addressee(Bsn("999993057"), birth), known, 18, AT)


def test_who_gets_a_letter() -> None:
    """Somebody whom the register knows by this BSN and birth date, and who could give a mandate otherwise."""
    assert why(evidence(birth=BORN, curatele=False, answered_at=AT)) is None


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (None, Withheld.UNKNOWN),
        ({"birth": BirthDate(1938, 11, 9)}, Withheld.UNKNOWN),
        ({"birth": BirthDate()}, Withheld.UNKNOWN),
        ({"birth": BirthDate(1938)}, Withheld.UNKNOWN),
        ({"curatele": True}, Withheld.UNABLE),
        ({"curatele": None}, Withheld.UNABLE),
        ({"deceased": True}, Withheld.UNABLE),
        ({"doubtful": True}, Withheld.UNABLE),
    ],
)
def test_who_gets_none(known: dict[str, object] | None, reason: Withheld) -> None:
    """Anybody else; which of these it was stands in the log alone."""
    told = None if known is None else evidence(**{"birth": BORN, "curatele": False, "answered_at": AT, **known})
    assert why(told) is reason


def test_a_child_gets_none() -> None:
    """Rule 20: below the age of giving a mandate only one's own login works."""
    born = BirthDate(AT.year - 17, AT.month, AT.day)
    assert why(evidence(birth=born, curatele=False, answered_at=AT), born) is Withheld.UNABLE


def test_what_the_register_knows_in_part_is_given_in_part() -> None:
    """Rule 11: of a birth date without a day, the year and the month are all there is to give."""
    assert why(evidence(birth=BirthDate(1938, 11), curatele=False, answered_at=AT), BirthDate(1938, 11)) is None


def test_a_letter_takes_its_time() -> None:
    """An end comes after the thirty days of a code, and the wait after that."""
    wait = 7 * DAY
    check_not_too_soon(AT + 37 * DAY + timedelta(seconds=1), wait, AT)
    with pytest.raises(TermError) as refused:
        check_not_too_soon(AT + 37 * DAY, wait, AT)
    assert str(refused.value) == TermFault.TOO_SOON


def by_letter() -> Mandate:
    """Give a mandate by letter whose code has been brought."""
    return replace(mandate(), route=Route.LETTER, state=MandateState.OFFERED)


def test_it_begins_after_the_wait_and_never_after_its_end() -> None:
    """In force at once, so that nobody makes a second one; acted on from its first day."""
    begun = by_letter().begun(AT + 7 * DAY, AT)
    assert begun.state is MandateState.ACTIVE
    assert not begun.live(AT + 7 * DAY - timedelta(seconds=1))
    assert begun.live(AT + 7 * DAY)
    with pytest.raises(MoveError):
        by_letter().begun(begun.ends_at, AT)


@pytest.mark.parametrize(
    ("fields", "birth"),
    [
        (("1938", "11", "8"), BORN),
        (("1938", "11", ""), BirthDate(1938, 11)),
        (("1938", "0", "00"), BirthDate(1938)),
        (("", "", ""), None),
        (("1938", "", "8"), None),
        (("1938", "2", "30"), None),
        (("x", "1", "1"), None),
        (("99999", "1", "1"), None),
    ],
)
def test_a_birth_date_as_people_write_it(fields: tuple[str, str, str], birth: BirthDate | None) -> None:
    """Three fields, from the year down; parts that nobody knows are left open, or are 0."""
    assert written(*fields) == birth
