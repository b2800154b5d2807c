"""Names from the BRP, sealed, for a few minutes."""

from datetime import timedelta
from typing import cast

from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.sealed import SealedValues
from vad.adapters.vault.rings import Rings
from vad.domain.identifiers import PersonId
from vad.services.ports.volatile import PersonName

LIFE = timedelta(minutes=15)


class RedisNameCache:
    """`vad.services.ports.volatile.NameCache`. Redis sees neither the name nor the person's id."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._redis = redis
        self._keys = keys
        self._sealed = SealedValues(rings, "PersonName")

    def get(self, person_id: PersonId) -> PersonName | None:
        key = self._key(person_id)
        stored = cast("bytes | None", self._redis.read(lambda client: client.get(key)))
        name = self._sealed.open(stored, row=str(person_id))
        return None if name is None else PersonName(name.decode())

    def keep(self, person_id: PersonId, name: PersonName) -> None:
        key, stored = self._key(person_id), self._sealed.seal(name.full_name.encode(), row=str(person_id))
        self._redis.write(lambda client: client.set(key, stored, ex=LIFE))

    def _key(self, person_id: PersonId) -> str:
        return self._keys.of("name", person_id.hex)
