"""Under load a store is slow, restarted or killed: answers in time, and a quick recovery."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url

from tests.faults.pulse import Pulse
from tests.faults.serving import UNLIMITED, Served, Start
from tests.support.own_stores import Stores
from tests.support.slow_wire import SlowWire
from tests.support.town import Town

pytestmark = pytest.mark.slow

_BUDGET = 10.0
"""Seconds that a request may take, and that recovery may take."""
_CLIENTS = 6


@contextmanager
def pulses(served: Served, path: str, count: int = _CLIENTS) -> Iterator[list[Pulse]]:
    """Ask for a page all the while, by several clients at once."""
    over = threading.Event()
    beating = [Pulse(f"{served.address}{path}", over) for _ in range(count)]
    threads = [threading.Thread(target=each.beat) for each in beating]
    for thread in threads:
        thread.start()
    try:
        yield beating
    finally:
        over.set()
        for thread in threads:
            thread.join()


def longest(beating: list[Pulse], since: float = 0.0) -> float:
    """How long the slowest answer to what was asked since then took."""
    return max(answered - begun for each in beating for begun, answered, _ in each.asked if begun >= since)


def good(beating: list[Pulse]) -> int:
    """How many were answered well."""
    return sum(well for each in beating for _, _, well in each.asked)


def asked(beating: list[Pulse]) -> int:
    """How many were answered at all."""
    return sum(len(each.asked) for each in beating)


def test_a_slow_postgresql_slows_and_breaks_nothing(start: Start, stores: Stores, vad_town: Town) -> None:
    """A fifth of a second on the way: all is answered. Longer than any limit: 503 in time. Then all is well again."""
    url = make_url(vad_town.settings.database.url.get_secret_value())
    with SlowWire(stores.postgres.port) as wire:
        slow = url.set(port=wire.port).render_as_string(hide_password=False)
        served = start(VAD__DATABASE__URL=slow, **UNLIMITED)
        with pulses(served, "/inloggen") as beating:
            served.until(lambda: good(beating) > 40)
            wire.delay = 0.2
            enough = good(beating) + 20
            served.until(lambda: good(beating) > enough)
            assert good(beating) == asked(beating)
            wire.delay = 30.0
            worse = asked(beating) - good(beating) + 3 * _CLIENTS
            served.until(lambda: asked(beating) - good(beating) > worse)
            wire.delay, freed = 0.0, time.monotonic()
            enough = good(beating) + 20
            served.until(lambda: good(beating) > enough)
        assert longest(beating) < _BUDGET
        assert max(each.recoveries([(freed, "slow")])[0] for each in beating) < _BUDGET


@pytest.mark.parametrize("way", ["stop", "kill"])
@pytest.mark.parametrize("store", ["postgres", "redis"])
def test_a_store_that_comes_back_is_used_at_once(shared: Served, stores: Stores, store: str, way: str) -> None:
    """Restarted or killed under load: 503 while it is away, and all are served within ten seconds of its return."""
    server = getattr(stores, store)
    with pulses(shared, "/inloggen") as beating:
        shared.until(lambda: good(beating) > 40)
        getattr(server, way)()
        shared.until(lambda: asked(beating) - good(beating) > 2 * _CLIENTS)
        server.start()
        back = time.monotonic()
        enough = good(beating) + 40
        shared.until(lambda: good(beating) > enough)
        recovered = time.monotonic() - back
    assert longest(beating) < _BUDGET
    assert recovered < _BUDGET
    assert max(each.recoveries([(back, store)])[0] for each in beating) < _BUDGET
