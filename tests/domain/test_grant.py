"""The grant."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import APP, AT, BGZ, HOSPITAL, HOUR, ME, SECOND
from vad.domain.assurance import LevelOfAssurance
from vad.domain.grant import REFRESH_RETRY_WINDOW, Grant, GrantState, RefreshUse
from vad.domain.identifiers import GrantId, Sid


def grant(**changes: Any) -> Grant:
    """Give an active grant whose session has an hour to go."""
    values: dict[str, Any] = {
        "grant_id": GrantId(UUID(int=7)),
        "code_hash": b"hash",
        "sid": Sid("sid"),
        "client_id": APP,
        "actor": ME,
        "subject": ME,
        "level": LevelOfAssurance.SUBSTANTIEEL,
        "auth_time": AT - HOUR,
        "session_ends_at": AT + HOUR,
        "data_services": BGZ,
        "resources": (HOSPITAL,),
        "consents": (),
        "created_at": AT - HOUR,
    }
    return Grant(**values | changes)


@pytest.mark.parametrize("state", GrantState)
@pytest.mark.parametrize(("session_ends", "in_time"), [(SECOND, True), (timedelta(0), False), (-SECOND, False)])
def test_live_while_active_and_in_its_session(state: GrantState, session_ends: timedelta, in_time: bool) -> None:  # noqa: FBT001
    """Rules 2 and 37: no token from a grant that was taken back or ended, nor after the session's 2 hours."""
    expected = state is GrantState.ACTIVE and in_time
    assert grant(state=state, session_ends_at=AT + session_ends).live(AT) is expected


@pytest.mark.parametrize(
    ("generation", "rotated_ago", "use"),
    [
        (4, None, RefreshUse.ROTATE),
        (4, timedelta(0), RefreshUse.ROTATE),
        (4, HOUR, RefreshUse.ROTATE),
        (3, timedelta(0), RefreshUse.RETRY),
        (3, timedelta(seconds=30), RefreshUse.RETRY),
        (3, timedelta(seconds=30, microseconds=1), RefreshUse.REUSE),
        (3, None, RefreshUse.REUSE),
        (2, timedelta(0), RefreshUse.REUSE),
        (0, timedelta(0), RefreshUse.REUSE),
        (5, timedelta(0), RefreshUse.REUSE),
        (5, None, RefreshUse.REUSE),
    ],
)
def test_rotate_retry_reuse(generation: int, rotated_ago: timedelta | None, use: RefreshUse) -> None:
    """The current token rotates; the one before it, within 30 s, is a retry; any other is reuse (RFC 9700 4.14.2)."""
    refreshed_at = None if rotated_ago is None else AT - rotated_ago
    assert grant(refresh_generation=4, refreshed_at=refreshed_at).refresh_use(generation, AT) is use


def test_the_first_token_is_no_retry_of_anything() -> None:
    """Before the first refresh there is no token to have been used before."""
    fresh = grant()
    assert fresh.refresh_use(0, AT) is RefreshUse.ROTATE
    assert fresh.refresh_use(-1, AT) is RefreshUse.REUSE


@given(st.integers(0, 50), st.integers(0, 50), st.timedeltas(timedelta(0), timedelta(hours=2)))
def test_never_two_tokens_that_rotate(current: int, presented: int, later: timedelta) -> None:
    """Of all tokens a grant ever gave, one alone moves it on, and a retry is open to its predecessor alone."""
    use = grant(refresh_generation=current, refreshed_at=AT).refresh_use(presented, AT + later)
    if presented == current:
        assert use is RefreshUse.ROTATE
    elif presented == current - 1 and later <= REFRESH_RETRY_WINDOW:
        assert use is RefreshUse.RETRY
    else:
        assert use is RefreshUse.REUSE
