"""Two of everything at once: one winner, by construction."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from tests.adapters.redis.volatile_stores import AT, BROWSER, CLIENT, Stores, code_value, draft, login, request, session
from vad.domain.identifiers import ClientId
from vad.domain.session import Session

THREADS = 64


def winners(attempt: Callable[[int], object]) -> int:
    """How many of the threads that start together get something."""
    barrier = Barrier(THREADS)

    def run(number: int) -> bool:
        barrier.wait()
        return bool(attempt(number))

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(run, range(THREADS)))


@pytest.mark.parametrize("round_", range(5))
def test_a_code_is_redeemed_by_one_of_many(stores: Stores, round_: int) -> None:
    """64 threads redeem one code at once, half of them as another client: exactly one gets it."""
    code = f"code-{round_}"
    stores.codes.add(code, code_value())
    client = (CLIENT, ClientId("pgo-2"))
    assert winners(lambda number: stores.codes.redeem(code, client[number % 2])) == 1


def test_a_pending_login_is_taken_by_one_of_many(stores: Stores) -> None:
    """64 callbacks with one `state`: exactly one goes on."""
    stores.logins.add(login())
    assert winners(lambda number: stores.logins.take(login().state, BROWSER if number % 2 else bytes(32))) == 1


def test_a_request_is_taken_by_one_of_many(stores: Stores) -> None:
    """64 visits of one finished flow: one code."""
    stores.requests.add(request())
    assert winners(lambda _: stores.requests.take(request().flow)) == 1


def test_a_draft_is_taken_by_one_of_many(stores: Stores) -> None:
    """64 windows of one flow, half of them somebody else's: exactly one shows what was kept."""
    stores.drafts.add("flow", "owner", draft())
    assert winners(lambda number: stores.drafts.take("flow", "owner" if number % 2 else "somebody")) == 1


def test_a_single_use_value_is_new_to_one_of_many(stores: Stores) -> None:
    """64 uses of one `jti`: exactly one is the first."""
    until = AT + timedelta(minutes=5)
    assert winners(lambda _: stores.replay.first_use("jti", "1", until, AT)) == 1


def test_two_tabs_do_not_undo_each_other(stores: Stores) -> None:
    """A tab that goes on to an app while another is read: the second sees what the first did, and both count."""
    stores.sessions.add("cookie", session())
    later = AT + timedelta(minutes=5)
    seen: list[Session] = []

    def reading(known: Session) -> Session:
        if not seen:
            stores.sessions.update("cookie", lambda other: other.logged_in_to(ClientId("pgo-9")))
        seen.append(known)
        return known.active(later)

    both = session().logged_in_to(ClientId("pgo-9")).active(later)
    assert stores.sessions.update("cookie", reading) == both
    assert stores.sessions.get("cookie") == both
    assert len(seen) == 2


def test_every_update_of_many_counts(stores: Stores) -> None:
    """64 apps at once, half of them beside a page that is read: the session knows each of them afterwards."""
    stores.sessions.add("cookie", session(clients=frozenset()))
    apps = [ClientId(f"app-{number}") for number in range(THREADS)]

    def change(number: int) -> object:
        if number % 2:
            stores.sessions.update("cookie", lambda known: known.active(AT + timedelta(seconds=number)))
        return stores.sessions.update("cookie", lambda known: known.logged_in_to(apps[number]))

    assert winners(change) == THREADS
    after = stores.sessions.get("cookie")
    assert after is not None
    assert after.clients == frozenset(apps)
    assert after.last_active == AT + timedelta(seconds=THREADS - 1)
