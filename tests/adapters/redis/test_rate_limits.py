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


def commands(stores: Stores) -> int:
    """How many scripts Redis ran: each count is one."""
    run: dict[str, dict[str, int]] = stores.redis.client.info("commandstats")
    return run.get("cmdstat_evalsha", {}).get("calls", 0)


def test_a_program_that_asks_all_the_time_is_counted_in_lots(stores: Stores) -> None:
    """Two processes let no more pass together than the limit, and make a tenth of the trips."""
    keys, most = StoreKeys(fresh_keyring()), 3_000
    processes = [RedisRateLimits(stores.redis, keys, {RateLimit.TOKEN: most}) for _ in range(2)]
    before = commands(stores)
    passed = [process.take(RateLimit.TOKEN, "pgo") for _ in range(1_000) for process in processes]
    assert all(passed)
    assert commands(stores) - before <= 2 * 1_000 / 10 + 2
    passed += [process.take(RateLimit.TOKEN, "pgo") for _ in range(1_000) for process in processes]
    assert passed.count(True) == most
    assert processes[0].take(RateLimit.TOKEN, "another app")


def test_who_exceeded_a_limit_is_remembered_for_a_moment(stores: Stores) -> None:
    """Without another trip, by the process that heard it, and for nobody and nothing else; then it is asked again."""
    now = 0.0
    keys, most = StoreKeys(fresh_keyring()), dict.fromkeys(RateLimit, 1)
    limits = RedisRateLimits(stores.redis, keys, most, lambda: now)
    assert [limits.exceeded(RateLimit.UNPROVED, ADDRESS), limits.take(RateLimit.UNPROVED, ADDRESS)] == [False, True]
    assert not limits.exceeded(RateLimit.UNPROVED, ADDRESS)
    assert not limits.take(RateLimit.UNPROVED, ADDRESS)
    before = commands(stores)
    assert limits.exceeded(RateLimit.UNPROVED, ADDRESS)
    assert not limits.exceeded(RateLimit.UNPROVED, "192.0.2.8")
    assert not limits.exceeded(RateLimit.LOGIN, ADDRESS)
    assert not RedisRateLimits(stores.redis, keys, most).exceeded(RateLimit.UNPROVED, ADDRESS)
    now = 10.0
    assert not limits.exceeded(RateLimit.UNPROVED, ADDRESS)
    assert commands(stores) == before


def test_what_is_remembered_is_bounded(stores: Stores) -> None:
    """Whoever comes from everywhere fills no memory: what is over makes room, and what finds none is not kept."""
    now = 0.0
    limits = RedisRateLimits(stores.redis, StoreKeys(fresh_keyring()), dict.fromkeys(RateLimit, 1), lambda: now)
    many = [f"2001:db8:{number:x}::/64" for number in range(4_200)]
    for subject in many:
        limits.take(RateLimit.UNPROVED, subject)
        limits.take(RateLimit.UNPROVED, subject)
    assert sum(limits.exceeded(RateLimit.UNPROVED, subject) for subject in many) == 4_096
    now = 11.0
    limits.take(RateLimit.UNPROVED, many[-1])
    assert limits.exceeded(RateLimit.UNPROVED, many[-1])


def test_a_lot_is_of_no_use_a_minute_later(stores: Stores) -> None:
    """What was counted ahead is counted anew once its window is over."""
    now = 0.0
    limits = RedisRateLimits(stores.redis, StoreKeys(fresh_keyring()), {RateLimit.TOKEN: 3_000}, lambda: now)
    for moment, counted in ((0.0, 1), (59.0, 0), (60.0, 1)):
        now, before = moment, commands(stores)
        assert limits.take(RateLimit.TOKEN, "pgo")
        assert commands(stores) - before == counted


def test_many_at_once_use_up_every_lot_that_was_counted(stores: Stores) -> None:
    """Threads that find no lot at the same moment lose none of those that they count."""
    limits = RedisRateLimits(stores.redis, StoreKeys(fresh_keyring()), {RateLimit.TOKEN: 3_000})
    with ThreadPoolExecutor(16) as pool:
        passed = list(pool.map(lambda _: limits.take(RateLimit.TOKEN, "pgo"), range(3_200)))
    assert passed.count(True) == 3_000


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
