"""What somebody has filled in of an offer or a request: sealed, by a keyed hash of whose it is."""

from typing import cast

from vad.adapters.redis.codec import FLAG, TEXT, Codec, collection
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.sealed import SealedValues
from vad.adapters.vault.rings import Rings
from vad.domain.mandate import Route
from vad.services.ports.volatile import MandateDraft

LIFE_SECONDS = 2 * 60 * 60

CODEC = Codec(
    MandateDraft,
    {
        "label": TEXT,
        "data_services": collection(TEXT),
        "clients": collection(TEXT),
        "every_app": FLAG,
        "resources": collection(TEXT),
        "term": TEXT,
        "day": TEXT,
        "month": TEXT,
        "year": TEXT,
        "bsn": TEXT,
        "birth_day": TEXT,
        "birth_month": TEXT,
        "birth_year": TEXT,
    },
)


class RedisMandateDrafts:
    """`vad.services.ports.volatile.MandateDrafts`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._redis = redis
        self._keys = keys
        self._sealed = SealedValues(rings, "MandateDraft")

    def get(self, owner: str, route: Route) -> MandateDraft | None:
        key = self._key(owner, route)
        return self._opened(key, self._redis.read(lambda client: client.get(key)))

    def keep(self, owner: str, route: Route, draft: MandateDraft) -> None:
        key = self._key(owner, route)
        sealed = self._sealed.seal(CODEC.dump(draft), row=key)
        self._redis.write(lambda client: client.set(key, sealed, ex=LIFE_SECONDS))

    def take(self, owner: str, route: Route) -> MandateDraft | None:
        key = self._key(owner, route)
        return self._opened(key, self._redis.use_up(lambda client: client.getdel(key)))

    def _key(self, owner: str, route: Route) -> str:
        return self._keys.of("mandate_draft", owner, route.value)

    def _opened(self, key: str, stored: object) -> MandateDraft | None:
        return CODEC.load(self._sealed.open(cast("bytes | None", stored), row=key))
