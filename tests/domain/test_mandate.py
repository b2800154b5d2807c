"""The mandate: its moves, its term, what it covers (rules 20 to 22, 25 and 26)."""

import itertools
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import (
    APP,
    AT,
    BGZ,
    GP,
    HOSPITAL,
    HOUR,
    ME,
    OTHER_APP,
    SECOND,
    SOMEBODY_ELSE,
    YEAR,
    evidence,
    mandate,
    permission,
)
from vad.domain.age import BirthDate
from vad.domain.identifiers import PersonId
from vad.domain.mandate import (
    MOVES,
    OPEN,
    Mandate,
    MandateState,
    MoveError,
    Route,
    TermError,
    TermFault,
    best_for,
    ends_after,
    months_later,
)
from vad.domain.mandate_parties import Unable, unable

THIRD = PersonId(UUID(int=3))
RIVM = "63"


def offer(**changes: Any) -> Mandate:
    """Give an offer that its code has not reached."""
    return mandate(**{"state": MandateState.OFFERED, "representative": None} | changes)


def request(**changes: Any) -> Mandate:
    """Give a request that its code has not reached."""
    values = {"state": MandateState.REQUESTED, "route": Route.REQUEST, "represented": None}
    return mandate(**values | changes)


def can_move(one: Mandate, to: MandateState, at: datetime = AT) -> bool:
    """Tell whether there is such a move."""
    try:
        return one.moved(to, at).state is to
    except MoveError:
        return False


@pytest.mark.parametrize(("state", "to"), [*itertools.product(MandateState, MandateState)])
def test_only_listed_moves_exist(state: MandateState, to: MandateState) -> None:
    """Rule 25: from each state to each other; the clock's own moves only once it has moved, and then no others."""
    one = mandate(state=state)
    assert can_move(one, to) is (to in MOVES.get(state, set()) - {MandateState.LAPSED, MandateState.EXPIRED})
    if state in OPEN:
        assert can_move(one, to, one.answer_by) is (to is MandateState.LAPSED)
    if state is MandateState.ACTIVE:
        assert can_move(one, to, one.ends_at) is (to is MandateState.EXPIRED)


def test_a_move_has_a_number_and_a_time() -> None:
    """Rule 25: every move makes the next version; a clock that goes back does not let it go back."""
    moved = mandate(version=3).moved(MandateState.REVOKED, AT)
    assert (moved.version, moved.changed_at) == (4, AT)
    assert mandate(changed_at=AT + HOUR).moved(MandateState.REVOKED, AT).changed_at == AT + HOUR


def test_nothing_comes_into_force_with_one_side() -> None:
    """Rule 20: a mandate is between two people."""
    assert not can_move(offer(), MandateState.ACTIVE)
    assert can_move(offer(representative=ME), MandateState.ACTIVE)


@pytest.mark.parametrize("made", [offer(), request()])
def test_a_code_reaches_one_other_person_once(made: Mandate) -> None:
    """Rules 24 and 26: not its maker, not a second one, not too late."""
    assert made.other is None
    reached = made.reached(THIRD, AT)
    assert (reached.other, reached.maker) == (THIRD, made.maker)
    assert reached.version == made.version + 1
    assert made.maker is not None
    for person, one, at in ((made.maker, made, AT), (SOMEBODY_ELSE, reached, AT), (THIRD, made, made.answer_by)):
        with pytest.raises(MoveError):
            one.reached(person, at)


def test_it_holds_from_its_start_to_its_end() -> None:
    """Rule 25: expiry is a fact of the clock, whatever its state says."""
    one = mandate()
    assert [one.live(at) for at in (one.starts_at - SECOND, one.starts_at, one.ends_at - SECOND, one.ends_at)] == [
        False,
        True,
        True,
        False,
    ]
    assert one.standing(one.ends_at) is MandateState.EXPIRED
    assert not any(mandate(state=state).live(AT) for state in MandateState if state is not MandateState.ACTIVE)
    assert offer().standing(offer().answer_by) is MandateState.LAPSED


@pytest.mark.parametrize(
    ("held", "app", "source", "services"),
    [
        (permission(), OTHER_APP, GP, BGZ),
        (permission(client_id=APP), APP, GP, BGZ),
        (permission(client_id=APP), OTHER_APP, GP, frozenset()),
        (permission(resource=HOSPITAL), APP, HOSPITAL, BGZ),
        (permission(resource=HOSPITAL), APP, GP, frozenset()),
        (permission(stopped_at=AT), APP, HOSPITAL, frozenset()),
    ],
)
def test_a_permission_covers_what_it_names(held: Any, app: Any, source: Any, services: frozenset[str]) -> None:
    """Rule 21: one kind of data, at one source or all, with one app or all; a stopped one covers nothing."""
    assert mandate(permissions=(held,)).services_at(app, source) == services
    assert mandate(permissions=()).services_at(app, source) == frozenset()


def test_a_part_can_be_stopped_and_nothing_else_changes() -> None:
    """Rule 21: each permission by itself; the last one is the mandate."""
    both = mandate(permissions=(permission(), permission(permission_id=UUID(int=63), data_service=RIVM)))
    less = both.narrowed({UUID(int=63)}, AT)
    assert less.services_at(APP, HOSPITAL) == {RIVM}
    assert less.permissions[0].stopped_at == AT
    assert less.used_for(APP, HOSPITAL, {RIVM}) == (UUID(int=63),)
    assert less.used_for(APP, None, ()) == (UUID(int=63),)
    with pytest.raises(MoveError):
        less.narrowed(set(), AT)


def test_its_end_moves_while_it_is_not_over() -> None:
    """Rule 25: nothing that is over comes back by a new end."""
    assert mandate().ending(AT + HOUR, AT).ends_at == AT + HOUR
    for over in (mandate(ends_at=AT), mandate(state=MandateState.REVOKED), offer(answer_by=AT)):
        with pytest.raises(MoveError):
            over.ending(AT + YEAR, AT)


def test_the_same_permission_twice() -> None:
    """Rule 26: what two mandates of the same people both hold; what was stopped is not held."""
    assert mandate().same_as(mandate())
    assert not mandate().same_as(mandate(permissions=(permission(data_service=RIVM),)))
    assert not mandate().same_as(mandate(permissions=(permission(stopped_at=AT),)))


@given(st.dates(date(2026, 11, 21), date(2031, 11, 21)))
def test_a_term_ends_after_its_last_day(last_day: date) -> None:
    """Rule 22: at midnight in Amsterdam, also on the nights that the clock changes."""
    one = mandate(ends_at=ends_after(last_day, AT))
    assert one.last_day == last_day
    assert one.live(one.ends_at - SECOND)


@pytest.mark.parametrize(
    ("last_day", "fault"), [(date(2026, 11, 20), TermFault.PAST), (date(2031, 11, 22), TermFault.TOO_LATE)]
)
def test_a_term_lies_ahead_and_is_no_longer_than_five_years(last_day: date, fault: TermFault) -> None:
    """Rule 22: the end is in the future, and at most five years away."""
    with pytest.raises(TermError, match=fault):
        ends_after(last_day, AT)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(1, 60))
def test_months_later(day: date, months: int) -> None:
    """The same day of the month, or the last one there is."""
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_one_request_rests_on_one_mandate() -> None:
    """The one that goes furthest; of equals the one that lasts; none that is over or is not for this app."""
    wide = mandate(
        mandate_id=UUID(int=1),
        permissions=(permission(), permission(data_service=RIVM)),
        ends_at=AT + HOUR,
    )
    long = mandate(mandate_id=UUID(int=2))
    wanted = {HOSPITAL: frozenset({"48", RIVM})}
    assert best_for([long, wide], APP, wanted, AT) is wide
    assert best_for([long, wide], APP, {HOSPITAL: BGZ}, AT) is long
    assert best_for([mandate(ends_at=AT), mandate(permissions=(permission(client_id=OTHER_APP),))], APP, {}, AT) is None


ADULT = BirthDate(2008, 11, 21)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"birth": ADULT}, None),
        ({"birth": BirthDate(2008, 11, 22)}, Unable.TOO_YOUNG),
        ({"birth": BirthDate(2008)}, Unable.UNSURE),
        ({"curatele": True}, Unable.CURATELE),
        ({"curatele": None}, Unable.UNSURE),
        ({"doubtful": True}, Unable.UNSURE),
        ({"deceased": True}, Unable.UNSURE),
        ({"answered_at": AT - HOUR}, Unable.UNSURE),
    ],
)
def test_who_can_be_on_a_side(changes: dict[str, Any], why: Unable | None) -> None:
    """Rule 20: 18 or older, not under curatele, by a fresh answer of the register; without one nobody."""
    assert unable(evidence(**{"answered_at": AT} | changes), 18, AT) is why
    assert unable(None, 18, AT) is Unable.UNSURE
