"""Single-use values that were seen before."""

from datetime import datetime, timedelta

from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys

CLOCK_SKEW = timedelta(seconds=60)
"""Remembered this much longer: the clock of another process may be behind."""


class RedisReplayGuard:
    """`vad.services.ports.volatile.ReplayGuard`. Raises `StoreUnavailableError` rather than guess."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._redis = redis
        self._keys = keys

    def first_use(self, purpose: str, value: str, until: datetime, at: datetime) -> bool:
        """Also False for a value whose time is over already."""
        if until <= at:
            return False
        key = self._keys.of("used", purpose, value)
        life = until - at + CLOCK_SKEW
        return bool(self._redis.use_up(lambda client: client.set(key, b"1", nx=True, px=life)))
