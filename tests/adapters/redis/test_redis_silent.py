"""Silent servers behind Sentinel and a cluster hold nobody: one caller waits, the others hear at once."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from vad.adapters.redis.connection import TIMEOUT, Access, RedisConnection
from vad.domain.errors import StoreUnavailableError

pytestmark = pytest.mark.slow

SERVERS = 2
CALLERS = 8


@pytest.fixture
def silent() -> Iterator[list[tuple[str, int]]]:
    """Give the addresses of servers that take every connection and never say a word."""
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=100)) for _ in range(SERVERS)]
        yield [server.getsockname()[:2] for server in servers]


@pytest.fixture(params=["sentinel", "cluster"])
def redis(request: pytest.FixtureRequest, silent: list[tuple[str, int]]) -> Iterator[RedisConnection]:
    """Give the connection to each of both."""
    access = Access(password="secret-word")
    if request.param == "cluster":
        made = RedisConnection.cluster(silent, access)
    else:
        made = RedisConnection.sentinel(silent, "vad", access, access)
    yield made
    made.close()


def refused(redis: RedisConnection) -> float:
    """How long it takes to hear that Redis is away."""
    begun = time.monotonic()
    with pytest.raises(StoreUnavailableError):
        redis.check()
    return time.monotonic() - begun


def test_silent_servers_hold_nobody(redis: RedisConnection) -> None:
    """Who comes at once asks each server once at most; of who comes later one tries, and the others hear at once."""
    with ThreadPoolExecutor(CALLERS) as crowd:
        first = list(crowd.map(lambda _: refused(redis), range(CALLERS)))
        assert max(first) < SERVERS * TIMEOUT + 1.5, "nobody tried twice, or waited for another to try"
        for _ in range(2):
            following = sorted(crowd.map(lambda _: refused(redis), range(CALLERS)))
            assert following[-2] < 1.0, "one at a time tries"
