"""Rate limits, counted in Redis by the library `limits` in sliding windows of a minute."""

import threading
import time
from collections.abc import Callable, Mapping

from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage, Storage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis import Redis, RedisError

from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.services.ports.volatile import RateLimit

_LARGEST_LOT = 10
_LOTS_PER_MINUTE = 300
"""A limit has at least so many lots, so that one that is counted and not used is a third of a percent of it."""
_LOT_SECONDS = 60.0
"""A window's length: what was counted in an earlier one is no use of this one."""
_A_MOMENT = 10.0
"""Seconds for which a process remembers that somebody exceeded a limit."""
_MOST_REMEMBERED = 4096
_IN_LOTS = frozenset({RateLimit.TOKEN, RateLimit.INTROSPECTION})
"""Those who are limited here have proved who they are, so there are as many of them as there are registrations."""


class RedisRateLimits:
    """`vad.services.ports.volatile.RateLimits`. Subjects are keyed hashes there: an address is personal data.

    Programs that ask all the time are counted ahead, a lot at a time, to spare most requests the trip. Each process
    uses up its own lot. So a limit may strike up to one lot per process early, or late after a pause. `clock` counts
    seconds and never goes back. Safe to share among threads.
    """

    def __init__(
        self,
        redis: RedisConnection,
        keys: StoreKeys,
        per_minute: Mapping[RateLimit, int],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._keys = keys
        self._clock = clock
        self._items = {limit: RateLimitItemPerMinute(amount) for limit, amount in per_minute.items()}
        self._lots = {
            limit: min(_LARGEST_LOT, amount // _LOTS_PER_MINUTE)
            for limit, amount in per_minute.items()
            if limit in _IN_LOTS
        }
        self._left: dict[tuple[RateLimit, str], tuple[int, float]] = {}
        self._exceeded: dict[tuple[RateLimit, str], float] = {}
        """Until when."""
        self._lock = threading.Lock()
        self._limiter: SlidingWindowCounterRateLimiter | None = None

    def take(self, limit: RateLimit, subject: str) -> bool:
        lot = self._lots.get(limit, 1)
        if lot <= 1:
            return self._hit(limit, subject, 1)
        if self._take_of_lot(limit, subject):
            return True
        if self._hit(limit, subject, lot):
            self._keep_rest(limit, subject, lot - 1)
            return True
        # Not a whole lot any more: what is left is counted one by one.
        return self._hit(limit, subject, 1)

    def exceeded(self, limit: RateLimit, subject: str) -> bool:
        until = self._exceeded.get((limit, subject))
        return until is not None and self._clock() < until

    def _keep_rest(self, limit: RateLimit, subject: str, rest: int) -> None:
        with self._lock:
            left, until = self._left.get((limit, subject), (0, 0.0))
            # Another thread may have counted a lot at the same moment.
            more = left if self._clock() < until else 0
            self._left[limit, subject] = (rest + more, self._clock() + _LOT_SECONDS)

    def _take_of_lot(self, limit: RateLimit, subject: str) -> bool:
        with self._lock:
            left, until = self._left.get((limit, subject), (0, 0.0))
            if not left or self._clock() >= until:
                return False
            self._left[limit, subject] = (left - 1, until)
            return True

    def _hit(self, limit: RateLimit, subject: str, cost: int) -> bool:
        name, item = self._keys.of("limit", limit, subject), self._items[limit]
        passed = self._redis.write(lambda client: self._limiter_over(client).hit(item, name, cost=cost))
        if not passed and cost == 1:
            self._remember(limit, subject)
        return passed

    def _remember(self, limit: RateLimit, subject: str) -> None:
        now = self._clock()
        with self._lock:
            if len(self._exceeded) >= _MOST_REMEMBERED:
                self._exceeded = {one: until for one, until in self._exceeded.items() if until > now}
            if len(self._exceeded) < _MOST_REMEMBERED:
                self._exceeded[limit, subject] = now + _A_MOMENT

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
