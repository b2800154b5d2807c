"""Redis hangs: each call ends after its time-out, the next are told at once, and it is used again by itself."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.frozen import frozen
from vad.adapters.redis.connection import TIMEOUT, RedisConnection
from vad.domain.errors import StoreUnavailableError
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer

pytestmark = pytest.mark.slow


def refused(redis: RedisConnection) -> float:
    """How long it takes to hear that Redis is away."""
    begun = time.monotonic()
    with pytest.raises(StoreUnavailableError):
        redis.check()
    return time.monotonic() - begun


def test_a_redis_that_hangs(server_directory: Path) -> None:
    """Eight callers at once wait for their time-out; of the next eight one does; afterwards all goes on."""
    with (
        RedisServer(server_directory / "frozen-redis", free_port()) as server,
        ThreadPoolExecutor(8) as crowd,
    ):
        redis = RedisConnection.open(server.url)
        redis.check()
        with frozen(server.child.pid):
            first = list(crowd.map(lambda _: refused(redis), range(8)))
            assert max(first) < TIMEOUT + 1.5, "none of them tried twice"
            assert min(first) > TIMEOUT - 0.5
            following = sorted(crowd.map(lambda _: refused(redis), range(8)))
            assert following[-2] < 1.0
        deadline = time.monotonic() + 3 * TIMEOUT
        while True:
            try:
                redis.check()
            except StoreUnavailableError:
                assert time.monotonic() < deadline
            else:
                break
        assert list(crowd.map(lambda _: redis.read(lambda client: client.ping()), range(8))) == [True] * 8
        redis.close()


def test_a_redis_that_hangs_and_dies(server_directory: Path) -> None:
    """It is found again as soon as it is there, though nobody could say that it had gone."""
    with RedisServer(server_directory / "frozen-then-dead", free_port()) as server:
        redis = RedisConnection.open(server.url)
        redis.check()
        with frozen(server.child.pid):
            refused(redis)
        server.kill()
        refused(redis)
        server.start()
        back = time.monotonic()
        while True:
            try:
                redis.check()
            except StoreUnavailableError:
                assert time.monotonic() - back < 3.0
            else:
                break
        redis.close()
