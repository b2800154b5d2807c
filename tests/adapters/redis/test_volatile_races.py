"""Two of everything at once: one winner, by construction."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from tests.adapters.redis.volatile_stores import AT, BROWSER, CLIENT, Stores, code_value, login, request
from vad.domain.identifiers import ClientId

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


def test_a_single_use_value_is_new_to_one_of_many(stores: Stores) -> None:
    """64 uses of one `jti`: exactly one is the first."""
    until = AT + timedelta(minutes=5)
    assert winners(lambda _: stores.replay.first_use("jti", "1", until, AT)) == 1
