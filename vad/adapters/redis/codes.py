"""Authorization codes, by a keyed hash of the code."""

from redis import Redis

from vad.adapters.redis.codec import (
    BYTES,
    FLAG,
    IDENTIFIER,
    NUMBER,
    TEXT,
    TIME,
    Codec,
    choice,
    collection,
    nested,
    optional,
)
from vad.adapters.redis.codec import sequence as many
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.scripts import BoundValues
from vad.adapters.redis.sessions import mark_of
from vad.domain.assurance import LevelOfAssurance
from vad.domain.grant import Grant, GrantState
from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId, Sid
from vad.services.ports.volatile import Afterwards, AuthorizationCode

LIFE_SECONDS = 60
_REMEMBERED_SECONDS = 180
"""Much longer than redeeming a code takes, clocks that differ included."""

_GRANT = Codec(
    Grant,
    {
        "grant_id": IDENTIFIER,
        "code_hash": BYTES,
        "sid": TEXT,
        "client_id": TEXT,
        "actor": IDENTIFIER,
        "subject": IDENTIFIER,
        "level": choice(LevelOfAssurance),
        "auth_time": TIME,
        "session_ends_at": TIME,
        "data_services": collection(TEXT),
        "resources": many(TEXT),
        "consents": many(IDENTIFIER),
        "created_at": TIME,
        "state": choice(GrantState),
        "refresh_generation": NUMBER,
        "refreshed_at": optional(TIME),
        "mandate": optional(IDENTIFIER),
        "jkt": TEXT,
        "certificate": TEXT,
        "openid": FLAG,
        "basis": optional(choice(Basis)),
    },
)
CODEC = Codec(
    AuthorizationCode,
    {
        "grant": nested(_GRANT),
        "redirect_uri": TEXT,
        "code_challenge": TEXT,
        "nonce": TEXT,
        "id_token_claims": many(TEXT),
    },
)


class RedisCodes:
    """`vad.services.ports.volatile.Codes`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._redis = redis
        self._values = BoundValues(redis)
        self._keys = keys

    def add(self, code: str, value: AuthorizationCode) -> None:
        self._values.add(self._key(code), value.grant.client_id.encode(), CODEC.dump(value), LIFE_SECONDS)

    def look(self, code: str, client_id: ClientId) -> AuthorizationCode | None:
        return CODEC.load(self._values.look(self._key(code), client_id.encode()))

    def redeem(self, code: str, client_id: ClientId) -> AuthorizationCode | None:
        return CODEC.load(self._values.take(self._key(code), client_id.encode()))

    def seen_before(self, code: str, client_id: ClientId) -> bool:
        key = self._seen(code, client_id)
        return not self._redis.write(lambda client: client.set(key, b"1", nx=True, ex=_REMEMBERED_SECONDS))

    def afterwards(self, code: str, client_id: ClientId, sid: Sid) -> Afterwards:
        key, mark = self._seen(code, client_id), mark_of(self._keys, sid)

        def both(client: Redis) -> list[object]:
            # No transaction: they may be on two servers of a cluster, and each answer holds by itself.
            with client.pipeline(transaction=False) as trip:
                trip.set(key, b"1", nx=True, ex=_REMEMBERED_SECONDS)
                trip.get(mark)
                return trip.execute()

        first, login = self._redis.write(both)
        return Afterwards(seen_before=not first, login_ended=login is None)

    def _seen(self, code: str, client_id: ClientId) -> str:
        return self._keys.of("used", f"code:{client_id}", code)

    def _key(self, code: str) -> str:
        return self._keys.of("code", code)
