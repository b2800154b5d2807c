"""Names from the BRP, sealed, for a few minutes."""

from datetime import timedelta
from typing import cast

from vad.adapters.redis.codec import TEXT, Codec
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.sealed import SealedValues
from vad.adapters.vault.rings import Rings
from vad.domain.identifiers import PersonId
from vad.services.ports.volatile import PersonName

LIFE = timedelta(minutes=15)
_CODEC = Codec(
    PersonName, {"full_name": TEXT, "first_names": TEXT, "initials": TEXT, "prefix": TEXT, "last_name": TEXT}
)


class RedisNameCache:
    """`vad.services.ports.volatile.NameCache`. Redis sees neither the name nor the person's id."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._redis = redis
        self._keys = keys
        self._sealed = SealedValues(rings, "PersonNameInParts")

    def get(self, person_id: PersonId) -> PersonName | None:
        key = self._key(person_id)
        stored = cast("bytes | None", self._redis.read(lambda client: client.get(key)))
        return _CODEC.load(self._sealed.open(stored, row=str(person_id)))

    def keep(self, person_id: PersonId, name: PersonName) -> None:
        key, stored = self._key(person_id), self._sealed.seal(_CODEC.dump(name), row=str(person_id))
        self._redis.write(lambda client: client.set(key, stored, ex=LIFE))

    def _key(self, person_id: PersonId) -> str:
        return self._keys.of("name", person_id.hex)
