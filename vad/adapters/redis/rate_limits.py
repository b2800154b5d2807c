"""Rate limits, counted in Redis by the library `limits` in sliding windows of a minute."""

from collections.abc import Mapping

from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage, Storage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import Redis, RedisError

from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.services.ports.volatile import RateLimit


class RedisRateLimits:
    """`vad.services.ports.volatile.RateLimits`. Subjects are keyed hashes there: an address is personal data."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, per_minute: Mapping[RateLimit, int]) -> None:
        self._redis = redis
        self._keys = keys
        self._items = {limit: RateLimitItemPerMinute(amount) for limit, amount in per_minute.items()}
        self._limiter: SlidingWindowCounterRateLimiter | None = None

    def take(self, limit: RateLimit, subject: str) -> bool:
        name = self._keys.of("limit", limit, subject)
        return self._redis.write(lambda client: self._limiter_over(client).hit(self._items[limit], name))

    def _limiter_over(self, client: Redis) -> SlidingWindowCounterRateLimiter:
        if self._limiter is None:
            self._limiter = SlidingWindowCounterRateLimiter(_SharedStorage(client))
        return self._limiter


class _SharedStorage(RedisStorage):
    """Counts over the connections that VAD has: to one server, to Sentinel's master or to a cluster.

    The storages of `limits` would each open their own, with its time-outs and retries. Both keys of a window carry the
    same hash tag, as a cluster asks.
    """

    STORAGE_SCHEME = ["vad"]  # noqa: RUF012 - no class variable in the library

    def __init__(self, client: Redis) -> None:
        Storage.__init__(self, "vad://")
        self.key_prefix = "vad"
        self.target_server = "redis"
        self.storage = client
        self.initialize_storage("vad://")

    @property
    def base_exceptions(self) -> type[Exception]:
        return RedisError
