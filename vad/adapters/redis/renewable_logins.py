"""Logins that an app may renew, by a keyed hash of their handle."""

from datetime import timedelta
from typing import cast

from vad.adapters.redis.codec import TEXT, TIME, Codec
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.services.ports.renewable import RenewableLogin

CODEC = Codec(RenewableLogin, {"sid": TEXT, "client_id": TEXT, "ends_at": TIME})


class RedisRenewableLogins:
    """`vad.services.ports.volatile.RenewableLoginStore`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._redis = redis
        self._keys = keys

    def add(self, handle: str, login: RenewableLogin, life: timedelta) -> None:
        key, value = self._key(handle), CODEC.dump(login)
        self._redis.write(lambda client: client.set(key, value, px=life))

    def get(self, handle: str) -> RenewableLogin | None:
        key = self._key(handle)
        return CODEC.load(cast("bytes | None", self._redis.read(lambda client: client.get(key))))

    def renew(self, handle: str, life: timedelta) -> bool:
        key = self._key(handle)
        return bool(self._redis.write(lambda client: client.pexpire(key, life)))

    def remove(self, handle: str) -> None:
        key = self._key(handle)
        self._redis.write(lambda client: client.delete(key))

    def _key(self, handle: str) -> str:
        return self._keys.of("renewable_login", handle)
