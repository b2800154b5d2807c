"""The stores in Redis: what they keep, for whom, and how long."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.adapters.redis.volatile_stores import (
    AT,
    BROWSER,
    CLIENT,
    MINUTE,
    Stores,
    code_value,
    draft,
    login,
    near,
    request,
    session,
)
from vad.domain.identifiers import ClientId, PersonId, Sid
from vad.domain.session import Session


def test_a_session_is_kept_replaced_and_ended(stores: Stores) -> None:
    """It is found by its cookie alone, replaced whole, and gone when it ends."""
    begun = session()
    stores.sessions.add("cookie", begun)
    assert stores.sessions.get("cookie") == begun
    assert stores.sessions.get("another") is None
    later = begun.active(AT + timedelta(minutes=5)).logged_in_to(ClientId("pgo-3"))
    assert stores.sessions.update("cookie", lambda _: later) == later
    assert stores.sessions.get("cookie") == later
    stores.sessions.end(later.sid)
    assert stores.sessions.get("cookie") == later
    stores.sessions.remove(stores.sessions.place("cookie"))
    assert stores.sessions.get("cookie") is None


def test_an_ended_session_does_not_come_back(stores: Stores) -> None:
    """A request that was still busy when the person logged out can't put the session back."""
    assert stores.sessions.update("cookie", lambda _: session()) is None
    stores.sessions.add("cookie", session())

    def too_late(known: Session) -> Session:
        stores.end_session("cookie")
        return known.logged_in_to(ClientId("pgo-3"))

    assert stores.sessions.update("cookie", too_late) is None
    assert stores.sessions.get("cookie") is None


def test_what_nobody_wants_changed_stays(stores: Stores) -> None:
    """An update may look at the session and decide against it."""
    stores.sessions.add("cookie", session())
    assert stores.sessions.update("cookie", lambda _: None) is None
    assert stores.sessions.get("cookie") == session()


@pytest.mark.parametrize(
    ("idle_since_login", "expected"),
    [
        (timedelta(), 120 * MINUTE),
        (timedelta(hours=1), 60 * MINUTE),
        (timedelta(hours=1, minutes=55), 5 * MINUTE),
    ],
)
def test_a_session_is_kept_until_it_is_old(stores: Stores, idle_since_login: timedelta, expected: int) -> None:
    """2 hours from the login (rule 36): after idle time it must still be there to be ended."""
    stores.sessions.add("cookie", session(last_active=AT + idle_since_login))
    assert near(stores.milliseconds_left("session"), expected)


def test_use_does_not_move_the_end(stores: Stores) -> None:
    """Whatever the person does, the session ends 2 hours after the login."""
    stores.sessions.add("cookie", session())
    stores.redis.client.pexpire(stores.name_of("session"), 30_000)
    stores.sessions.update("cookie", lambda _: session(last_active=AT + timedelta(minutes=10)))
    assert near(stores.milliseconds_left("session"), 30_000)


def test_a_forgotten_cookie_ends_no_session(stores: Stores) -> None:
    """A login that goes on under a new cookie leaves its session as it was."""
    stores.sessions.add("old", session())
    stores.sessions.add("new", session())
    stores.sessions.forget("old")
    assert stores.sessions.get("old") is None
    assert stores.sessions.get("new") == session()
    assert not stores.sessions.ended(session().sid)


def test_a_session_that_is_over_is_not_stored(stores: Stores) -> None:
    """Nothing is kept of a login that is older than 2 hours."""
    stores.sessions.add("cookie", session(last_active=AT + timedelta(hours=2)))
    assert stores.stored() == {}


def test_ending_a_session_is_seen_by_its_sid(stores: Stores) -> None:
    """A code of an ended or forgotten session is worth nothing; idle time and a busy request change nothing in that."""
    begun = session()
    assert stores.sessions.ended(begun.sid)
    stores.sessions.add("cookie", begun)
    assert not stores.sessions.ended(begun.sid)
    assert stores.sessions.ended(Sid("sid-2"))
    assert near(stores.milliseconds_left("sid"), 120 * MINUTE)
    stores.redis.client.delete(stores.name_of("session"))
    assert not stores.sessions.ended(begun.sid)
    stores.sessions.add("cookie", begun)
    stores.end_session("cookie")
    stores.sessions.update("cookie", lambda _: begun)
    assert stores.sessions.ended(begun.sid)


def test_the_sessions_of_a_person_are_found_until_they_end(stores: Stores) -> None:
    """In one key of the person's own, which ends by itself; a forgotten cookie and somebody else find nothing."""
    begun = session()
    stores.sessions.add("cookie", begun)
    stores.sessions.add("old", replace(begun, sid=Sid("sid-2")))
    stores.sessions.add("somebody", replace(begun, person_id=PersonId(uuid4())))
    stores.sessions.forget("old")
    (kept,) = stores.sessions.of(begun.person_id, AT)
    assert kept.session == begun
    assert kept.place == stores.sessions.place("cookie")
    assert stores.sessions.of(begun.person_id, begun.ends_at) == ()
    stores.sessions.remove(kept.place)
    assert stores.sessions.of(begun.person_id, AT) == ()


def test_the_index_of_a_person_ends_by_itself(stores: Stores) -> None:
    """Two hours after the last login, nothing tells any more that there was one."""
    stores.sessions.add("cookie", session())
    assert near(stores.milliseconds_left("person"), 120 * MINUTE)


def test_logging_in_again_keeps_the_sid_alive(stores: Stores) -> None:
    """A step-up ends the old cookie and goes on under the same `sid` (rule 36)."""
    stores.sessions.add("old", session())
    stores.end_session("old")
    stores.sessions.add("new", session(auth_time=AT + timedelta(minutes=1), last_active=AT + timedelta(minutes=1)))
    assert not stores.sessions.ended(session().sid)


@pytest.mark.parametrize(("age", "milliseconds"), [(0, 15 * MINUTE), (14, MINUTE)])
def test_a_request_knows_whether_it_was_held(stores: Stores, age: int, milliseconds: int) -> None:
    """By its end: one that was held outlives any that was not, at whatever age one looks."""
    asked = request(received_at=AT)
    at = AT + timedelta(minutes=age)
    stores.requests.add(asked)
    stores.redis.client.pexpire(stores.name_of("authorization_request"), milliseconds)
    assert not stores.requests.held(asked, at)
    stores.requests.hold(asked.flow)
    assert stores.requests.held(asked, at)
    stores.redis.client.pexpire(stores.name_of("authorization_request"), MINUTE)
    assert stores.requests.held(asked, at + timedelta(minutes=134 - age))
    stores.requests.take(asked.flow)
    assert not stores.requests.held(asked, at)


def test_an_authorization_request_is_kept_and_taken_once(stores: Stores) -> None:
    """Pages record facts in it; it is taken once."""
    asked = request()
    stores.requests.add(asked)
    assert stores.requests.get(asked.flow) == asked
    answered = replace(asked, login_answered=False, max_age=None, login_failure=None, consents=())
    stores.requests.keep(answered)
    assert stores.requests.get(asked.flow) == answered
    assert stores.requests.take(asked.flow) == answered
    assert stores.requests.take(asked.flow) is None
    stores.requests.keep(answered)
    assert stores.requests.get(asked.flow) is None


def test_keeping_a_request_does_not_move_its_end(stores: Stores) -> None:
    """15 minutes from the start, whatever the person does meanwhile."""
    stores.requests.add(request())
    assert near(stores.milliseconds_left("authorization_request"), 15 * MINUTE)
    stores.redis.client.pexpire(stores.name_of("authorization_request"), 30_000)
    stores.requests.keep(request(refused=True))
    assert near(stores.milliseconds_left("authorization_request"), 30_000)


def test_a_request_is_held_while_a_login_may_last(stores: Stores) -> None:
    """Two hours and a quarter from each page on, never shorter than it had; one that is gone is not held."""
    stores.requests.hold("flow-secret")
    assert stores.stored() == {}
    stores.requests.add(request())
    stores.requests.hold(request().flow)
    assert near(stores.milliseconds_left("authorization_request"), 135 * MINUTE)
    stores.redis.client.pexpire(stores.name_of("authorization_request"), 200 * MINUTE)
    stores.requests.hold(request().flow)
    assert near(stores.milliseconds_left("authorization_request"), 200 * MINUTE)


def test_a_draft_is_for_its_owner_once(stores: Stores) -> None:
    """Another person gets nothing and spoils nothing; its owner gets it once, within an hour, in that flow alone."""
    for each in (draft(), replace(draft(), chosen=frozenset(), duration=None)):
        stores.drafts.add("flow", "owner", each)
        assert near(stores.milliseconds_left("consent_draft"), 60 * MINUTE)
        for stranger in ("", "Owner", "owner ", "o\ud800"):
            assert stores.drafts.take("flow", stranger) is None
        assert stores.drafts.take("another", "owner") is None
        assert stores.drafts.take("flow", "owner") == each
        assert stores.drafts.take("flow", "owner") is None


def test_a_pending_login_is_for_one_browser_once(stores: Stores) -> None:
    """Another browser gets nothing and spoils nothing; the right one gets it once, for 15 minutes at most."""
    for each in (login(), login(flow=None)):
        stores.logins.add(each)
        assert near(stores.milliseconds_left("pending_login"), 15 * MINUTE)
        for stranger in (b"", bytes(32), BROWSER[:-1], BROWSER + b"x"):
            assert stores.logins.take(each.state, stranger) is None
        assert stores.logins.take("another", BROWSER) is None
        assert stores.logins.take(each.state, BROWSER) == each
        assert stores.logins.take(each.state, BROWSER) is None


def test_a_code_is_for_one_client_once(stores: Stores) -> None:
    """Another client gets nothing and does not burn the code; the right one gets it once, for 60 seconds at most."""
    value = code_value()
    stores.codes.add("the-code", value)
    assert near(stores.milliseconds_left("code"), MINUTE)
    for stranger in ("", "pgo-2", "pgo-", "pgo-11", "PGO-1"):
        assert stores.codes.look("the-code", ClientId(stranger)) is None
        assert stores.codes.redeem("the-code", ClientId(stranger)) is None
    assert stores.codes.redeem("another-code", CLIENT) is None
    assert stores.codes.look("the-code", CLIENT) == value
    assert stores.codes.redeem("the-code", CLIENT) == value
    assert stores.codes.look("the-code", CLIENT) is None
    assert stores.codes.redeem("the-code", CLIENT) is None


def test_a_single_use_value_counts_once_per_purpose(stores: Stores) -> None:
    """Remembered until its end and a minute of clock skew; purposes are apart; an ended value is never new."""
    until = AT + timedelta(minutes=5)
    assert stores.replay.first_use("a", "1", until, AT)
    assert near(stores.milliseconds_left("used"), 6 * MINUTE)
    assert not stores.replay.first_use("a", "1", until, AT)
    assert stores.replay.first_use("b", "1", until, AT)
    assert stores.replay.first_use("a", "2", until, AT)
    assert stores.replay.first_use("a1", "", until, AT)
    assert not stores.replay.first_use("a", "3", AT, AT)
    assert not stores.replay.first_use("a", "3", AT - timedelta(seconds=1), AT)
