"""A request of the person keeps their session alive: one trip, by a script that agrees with the rule of the domain."""

from datetime import datetime, timedelta

import pytest

from tests.adapters.redis.test_volatile_races import THREADS, winners
from tests.adapters.redis.volatile_stores import AT, CLIENT, MINUTE, Stores, near, session
from vad.domain.identifiers import ClientId
from vad.domain.session import ABSOLUTE_LIFE, IDLE_LIFE

TICK = timedelta(microseconds=1)
WHOLE = AT.replace(microsecond=0)
"""Its text has no fraction of a second; those around it do."""


@pytest.mark.parametrize("began", [WHOLE, WHOLE + TICK, WHOLE + timedelta(microseconds=999_999)])
@pytest.mark.parametrize(
    "after",
    [timedelta(), TICK, timedelta(seconds=1), IDLE_LIFE - TICK, IDLE_LIFE, IDLE_LIFE + TICK, timedelta(hours=1), -TICK],
)
def test_a_touch_is_what_the_domain_says(stores: Stores, began: datetime, after: timedelta) -> None:
    """Whatever the two times, it gives and leaves behind what `live` and `active` say."""
    known = session(auth_time=began, last_active=began)
    stores.sessions.add("cookie", known)
    at = began + after
    expected = known.active(at) if known.live(at) else None
    assert stores.sessions.touch("cookie", at) == expected
    assert stores.sessions.get("cookie") == (expected or known)


def test_a_touch_does_not_move_the_end(stores: Stores) -> None:
    """Used all the time, it ends two hours after the login."""
    stores.sessions.add("cookie", session())
    stores.redis.client.pexpire(stores.name_of("session"), 30_000)
    assert stores.sessions.touch("cookie", AT + timedelta(minutes=10)) is not None
    assert near(stores.milliseconds_left("session"), 30_000)


@pytest.mark.parametrize("past", [-TICK, timedelta(), TICK])
def test_a_touch_comes_too_late(stores: Stores, past: timedelta) -> None:
    """Two hours after the login, by our clock though Redis still has it: nothing is changed any more."""
    known = session(last_active=AT + timedelta(minutes=110))
    stores.sessions.add("cookie", known)
    at = AT + ABSOLUTE_LIFE + past
    expected = known.active(at) if past < timedelta() else None
    assert stores.sessions.touch("cookie", at) == expected
    assert stores.sessions.get("cookie") == (expected or known)


def test_there_must_be_something_to_touch(stores: Stores) -> None:
    """An ended session does not come back, and none begins."""
    assert stores.sessions.touch("cookie", AT) is None
    stores.sessions.add("cookie", session())
    stores.end_session("cookie")
    assert stores.sessions.touch("cookie", AT) is None
    assert stores.sessions.get("cookie") is None


def test_a_touch_undoes_nothing(stores: Stores) -> None:
    """64 requests at once, half of which write an app into the session, whatever its name: all of them count."""
    stores.sessions.add("cookie", session(clients=frozenset()))
    apps = [ClientId(f'app-{number}","last_active":"9') for number in range(THREADS)]

    def use(number: int) -> object:
        if number % 2:
            return stores.sessions.touch("cookie", AT + timedelta(seconds=number))
        return stores.sessions.update("cookie", lambda known: known.logged_in_to(apps[number]))

    assert winners(use) == THREADS
    after = stores.sessions.get("cookie")
    assert after == session(clients=frozenset(apps[::2]), last_active=AT + timedelta(seconds=THREADS - 1))


def test_a_code_tells_afterwards_whether_it_came_again(stores: Stores) -> None:
    """The first to say so is the only one who did not see another; each client and each code by itself."""
    stores.sessions.add("cookie", session())
    first = stores.codes.afterwards("code", CLIENT, session().sid)
    assert (first.seen_before, first.login_ended) == (False, False)
    assert near(stores.milliseconds_left("used"), 3 * MINUTE)
    assert stores.codes.afterwards("code", CLIENT, session().sid).seen_before
    assert stores.codes.seen_before("code", CLIENT)
    assert not stores.codes.seen_before("code", ClientId("pgo-2"))
    assert not stores.codes.seen_before("another", CLIENT)
    assert stores.codes.afterwards("another", CLIENT, session().sid).seen_before


def test_a_code_tells_afterwards_whether_its_login_ended(stores: Stores) -> None:
    """Of a session that was ended, or that Redis lost."""
    stores.sessions.add("cookie", session())
    stores.sessions.end(session().sid)
    assert stores.codes.afterwards("code", CLIENT, session().sid).login_ended
    stores.redis.client.flushall()
    assert stores.codes.afterwards("code", CLIENT, session().sid).login_ended
