"""Requests to log out that came as another site's form, until their browser comes with its cookies."""

from datetime import timedelta
from typing import cast

from vad.adapters.redis.codec import FLAG, TEXT, Codec, choice, optional
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.sealed import SealedValues
from vad.adapters.vault.rings import Rings
from vad.domain.logout import HintState, LogoutRequest

LIFE = timedelta(minutes=5)

CODEC = Codec(
    LogoutRequest,
    {
        "client_id": optional(TEXT),
        "hint": choice(HintState),
        "hint_sub": TEXT,
        "hint_sid": TEXT,
        "hint_over": FLAG,
        "redirect_uri": TEXT,
        "state": TEXT,
        "ui_locales": TEXT,
    },
)


class RedisLogoutRequests:
    """`vad.services.ports.volatile.LogoutRequests`, sealed: they say as whom an app knows somebody."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._redis = redis
        self._keys = keys
        self._sealed = SealedValues(rings, "LogoutRequest")

    def add(self, name: str, request: LogoutRequest) -> None:
        key, sealed = self._key(name), self._sealed.seal(CODEC.dump(request), row=name)
        self._redis.write(lambda client: client.set(key, sealed, ex=LIFE))

    def take(self, name: str) -> LogoutRequest | None:
        key = self._key(name)
        stored = cast("bytes | None", self._redis.use_up(lambda client: client.getdel(key)))
        return CODEC.load(self._sealed.open(stored, row=name))

    def _key(self, name: str) -> str:
        return self._keys.of("logout_request", name)
