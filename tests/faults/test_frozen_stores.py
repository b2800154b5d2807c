"""PostgreSQL or Redis hangs under load: every request ends in time, threads stay free, and all goes on afterwards."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.faults.serving import Served
from tests.support.frozen import frozen
from tests.support.own_stores import Stores

pytestmark = pytest.mark.slow

_BUDGET = 10.0
"""Seconds that a request may take at most."""
_TIMES = 3
"""So often each is told that it hangs: the first time having waited for it, and at once when that is known."""
_CLIENTS = 40
_BETWEEN = 0.2
"""Seconds that each waits before asking again: refusals come so quickly that nothing else would get on."""


def ask(served: Served, path: str) -> tuple[int, float]:
    """The status of an answer, and the seconds that it took."""
    begun = time.monotonic()
    status = requests.get(f"{served.address}{path}", timeout=30).status_code
    return status, time.monotonic() - begun


@pytest.mark.parametrize("store", ["postgres", "redis"])
def test_a_store_that_hangs_holds_nobody(shared: Served, stores: Stores, store: str) -> None:
    """More people than threads: each is told within the budget, `/healthz` answers, and recovery takes seconds."""
    assert ask(shared, "/inloggen")[0] == 200
    over, heard, lock = threading.Event(), list[tuple[int, int, float]](), threading.Lock()

    def visit(number: int) -> None:
        while not over.wait(_BETWEEN):
            answer = ask(shared, "/inloggen")
            with lock:
                heard.append((number, *answer))

    def refused() -> Counter[int]:
        with lock:
            return Counter(number for number, status, _ in heard if status == requests.codes.unavailable)

    with ThreadPoolExecutor(_CLIENTS) as crowd:
        visits = [crowd.submit(visit, number) for number in range(_CLIENTS)]
        with frozen(getattr(stores, store).pid):
            begun, alive = time.monotonic(), list[tuple[int, float]]()
            with lock:
                del heard[:]
            while min(refused()[number] for number in range(_CLIENTS)) < _TIMES:
                alive.append(ask(shared, "/healthz"))
                assert time.monotonic() - begun < 3 * _BUDGET, "somebody is held"
                over.wait(0.2)
            told = list(heard)
        freed = time.monotonic()
        shared.until(lambda: ask(shared, "/inloggen")[0] == 200)
        recovery = time.monotonic() - freed
        over.set()
        for each in visits:
            each.result()
    assert {status for _, status, _ in told} <= {200, 503}
    assert max(seconds for *_, seconds in told) < _BUDGET
    assert {status for status, _ in alive} == {200}
    assert max(seconds for _, seconds in alive) < _BUDGET
    assert recovery < _BUDGET
