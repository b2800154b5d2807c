"""Authorization requests that an app sent ahead (RFC 9126), until a browser comes with their name."""

from datetime import timedelta
from typing import cast

from vad.adapters.redis.authorization_requests import CODEC
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.domain.authorization import AuthorizationRequest
from vad.services.ports.volatile import PUSHED_LIFE


class RedisPushedRequests:
    """`vad.services.ports.volatile.PushedRequests`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._redis = redis
        self._keys = keys

    def add(self, request: AuthorizationRequest) -> None:
        key, value, life = self._key(request.pushed), CODEC.dump(request), PUSHED_LIFE // timedelta(seconds=1)
        self._redis.write(lambda client: client.set(key, value, ex=life))

    def get(self, place: str) -> AuthorizationRequest | None:
        key = self._key(place)
        return CODEC.load(cast("bytes | None", self._redis.read(lambda client: client.get(key))), flow="")

    def remove(self, place: str) -> None:
        key = self._key(place)
        self._redis.write(lambda client: client.delete(key))

    def _key(self, place: str) -> str:
        return self._keys.of("pushed_request", place)
