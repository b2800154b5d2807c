"""Rate limits, counted in Redis by the library `limits` in sliding windows of a minute."""

from collections.abc import Mapping

from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.services.ports.volatile import RateLimit


class RedisRateLimits:
    """`vad.services.ports.volatile.RateLimits`. Subjects are keyed hashes there: an address is personal data."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, per_minute: Mapping[RateLimit, int]) -> None:
        self._redis = redis
        self._keys = keys
        self._items = {limit: RateLimitItemPerMinute(amount) for limit, amount in per_minute.items()}
        pool = redis.client.connection_pool
        self._limiter = SlidingWindowCounterRateLimiter(RedisStorage("redis://", pool, key_prefix="vad"))

    def take(self, limit: RateLimit, subject: str) -> bool:
        name = self._keys.of("limit", limit, subject)
        return self._redis.write(lambda _: self._limiter.hit(self._items[limit], name))
