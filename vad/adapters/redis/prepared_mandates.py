"""What apps prepared of mandates: sealed, for as long as the person may confirm it."""

from datetime import date, datetime
from typing import cast
from uuid import UUID

from vad.adapters.redis.codec import FLAG, IDENTIFIER, TEXT, TIME, Codec, Field, collection, optional
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.sealed import SealedValues
from vad.adapters.vault.rings import Rings
from vad.services.ports.prepared import Prepared

CODEC = Codec(
    Prepared,
    {
        "name": IDENTIFIER,
        "owner": TEXT,
        "client_id": TEXT,
        "expires_at": TIME,
        "mandate_id": optional(IDENTIFIER),
        "label": TEXT,
        "data_services": collection(TEXT),
        "every_app": FLAG,
        "last_day": Field(lambda day: day.isoformat(), lambda raw: date.fromisoformat(str(raw))),
    },
)


class RedisPreparedMandates:
    """`vad.services.ports.prepared.PreparedMandates`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._redis = redis
        self._keys = keys
        self._sealed = SealedValues(rings, "Prepared")

    def add(self, prepared: Prepared, at: datetime) -> None:
        key = self._key(prepared.name)
        left = int((prepared.expires_at - at).total_seconds())
        if left > 0:
            sealed = self._sealed.seal(CODEC.dump(prepared), row=key)
            self._redis.write(lambda client: client.set(key, sealed, ex=left))

    def get(self, name: UUID) -> Prepared | None:
        key = self._key(name)
        return self._opened(key, self._redis.read(lambda client: client.get(key)))

    def take(self, name: UUID) -> Prepared | None:
        key = self._key(name)
        return self._opened(key, self._redis.use_up(lambda client: client.getdel(key)))

    def _key(self, name: UUID) -> str:
        return self._keys.of("prepared_mandate", name.hex)

    def _opened(self, key: str, stored: object) -> Prepared | None:
        return CODEC.load(self._sealed.open(cast("bytes | None", stored), row=key))
