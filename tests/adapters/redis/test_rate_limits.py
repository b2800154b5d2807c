"""Rate limits over a real Redis."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis

from tests.adapters.redis.volatile_stores import Stores, fresh_keyring
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.rate_limits import RedisRateLimits
from vad.domain.errors import StoreUnavailableError
from vad.services.ports.volatile import RateLimit

ADDRESS = "192.0.2.7"


@pytest.fixture
def limits(stores: Stores) -> RedisRateLimits:
    """Give limits of five a minute each."""
    return RedisRateLimits(stores.redis, StoreKeys(fresh_keyring()), dict.fromkeys(RateLimit, 5))


def test_the_sixth_of_five_is_refused(limits: RedisRateLimits) -> None:
    """As many as allowed pass in a minute, and not one more."""
    assert [limits.take(RateLimit.LOGIN, ADDRESS) for _ in range(6)] == [True] * 5 + [False]


def test_subjects_and_limits_are_counted_apart(limits: RedisRateLimits) -> None:
    """One who asks too often stops nobody else, and nothing else."""
    while limits.take(RateLimit.LOGIN, ADDRESS):
        pass
    assert limits.take(RateLimit.LOGIN, "192.0.2.8")
    assert limits.take(RateLimit.AUTHORIZE, ADDRESS)


def test_many_at_once_pass_no_more_often(limits: RedisRateLimits) -> None:
    """Counting is atomic: of 32 at once five pass."""
    with ThreadPoolExecutor(16) as pool:
        passed = list(pool.map(lambda _: limits.take(RateLimit.TOKEN, "pgo"), range(32)))
    assert passed.count(True) == 5


def test_no_address_stands_in_redis(limits: RedisRateLimits, stores: Stores) -> None:
    """A network address is personal data: Redis holds a keyed hash, which ends by itself."""
    limits.take(RateLimit.LOGIN, ADDRESS)
    client: Redis = stores.redis.client
    names = [name.decode() for name in client.scan_iter("*")]
    assert names
    assert not any(ADDRESS in name for name in names)
    assert all(0 < client.ttl(name) <= 120 for name in names)


def test_without_redis_nothing_passes(stores: Stores) -> None:
    """A limit that can't be counted fails closed."""
    away = RedisRateLimits(
        RedisConnection.open("redis://127.0.0.1:1"), StoreKeys(fresh_keyring()), dict.fromkeys(RateLimit, 5)
    )
    with pytest.raises(StoreUnavailableError):
        away.take(RateLimit.LOGIN, ADDRESS)
