"""The SSO session."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import APP, AT, ME, OTHER_APP, SECOND, session

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=2)


@pytest.mark.parametrize(
    ("login", "last_page", "live"),
    [
        (timedelta(0), timedelta(0), True),
        (IDLE - SECOND, IDLE - SECOND, True),
        (IDLE, IDLE, False),
        (ABSOLUTE - SECOND, timedelta(0), True),
        (ABSOLUTE, timedelta(0), False),
        (ABSOLUTE + SECOND, timedelta(0), False),
        (ABSOLUTE - SECOND, IDLE, False),
    ],
)
def test_ends_after_15_idle_minutes_or_2_hours(login: timedelta, last_page: timedelta, live: bool) -> None:  # noqa: FBT001
    """Rule 36: idle 15 min, absolute 2 h; at the very moment of either it is over."""
    assert session(auth_time=AT - login, last_active=AT - last_page).live(AT) is live


@given(st.lists(st.integers(0, 3 * 60), max_size=20))
def test_activity_never_moves_the_absolute_end(minutes: list[int]) -> None:
    """Rules 2 and 36: however often the person comes, nothing outlives 2 h after the login."""
    begun = session(auth_time=AT, last_active=AT)
    used = begun
    for minute in minutes:
        used = used.active(AT + timedelta(minutes=minute))
    assert used.ends_at == begun.ends_at == AT + ABSOLUTE
    assert not used.live(AT + ABSOLUTE)


def test_activity_moves_the_idle_end() -> None:
    """Rule 36: a person's own request begins the 15 minutes anew."""
    begun = session(auth_time=AT, last_active=AT)
    used = begun.active(AT + IDLE - SECOND)
    assert not begun.live(AT + IDLE)
    assert used.live(AT + IDLE)
    assert not used.live(AT + 2 * IDLE - SECOND)


def test_activity_never_goes_back() -> None:
    """Rule 36: a request that was overtaken by a later one does not shorten the session."""
    used = session(last_active=AT).active(AT - SECOND)
    assert used.last_active == AT


def test_logging_in_to_an_app_by_name_is_remembered() -> None:
    """Rule 37: the session knows the apps the person saw by name; anything else about it stays."""
    fresh = session(clients=frozenset())
    both = fresh.logged_in_to(APP).logged_in_to(OTHER_APP).logged_in_to(APP)
    assert both.clients == {APP, OTHER_APP}
    assert fresh.clients == frozenset()
    assert (both.sid, both.person_id, both.auth_time, both.last_active) == (
        fresh.sid,
        ME,
        fresh.auth_time,
        fresh.last_active,
    )
