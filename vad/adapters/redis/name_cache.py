"""Names from the BRP, sealed, for a few minutes."""

from datetime import timedelta
from typing import cast

import structlog

from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.vault.errors import VaultError
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain.identifiers import PersonId
from vad.services.ports.volatile import PersonName

LIFE = timedelta(minutes=15)

_TABLE = "redis"
_COLUMN = "name"


class RedisNameCache:
    """`vad.services.ports.volatile.NameCache`. Redis sees neither the name nor the person's id."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._redis = redis
        self._keys = keys
        self._sealer = Sealer(rings, Purpose.CACHE)

    def get(self, person_id: PersonId) -> PersonName | None:
        key = self._key(person_id)
        stored = cast("bytes | None", self._redis.read(lambda client: client.get(key)))
        if stored is None:
            return None
        key_id, _, value = stored.partition(b".")
        try:
            sealed = Sealed(key_id.decode("ascii", "replace"), value)
            name = self._sealer.open(sealed, table=_TABLE, column=_COLUMN, row=str(person_id))
        except VaultError:
            structlog.get_logger(__name__).warning("stored_value_not_understood", kind="PersonName")
            return None
        return PersonName(name.decode())

    def keep(self, person_id: PersonId, name: PersonName) -> None:
        key = self._key(person_id)
        sealed = self._sealer.seal(name.full_name.encode(), table=_TABLE, column=_COLUMN, row=str(person_id))
        stored = sealed.key_id.encode() + b"." + sealed.value
        self._redis.write(lambda client: client.set(key, stored, ex=LIFE))

    def _key(self, person_id: PersonId) -> str:
        return self._keys.of("name", person_id.hex)
