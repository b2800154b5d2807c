"""Authorization codes, by a keyed hash of the code."""

from vad.adapters.redis.codec import BYTES, IDENTIFIER, NUMBER, TEXT, TIME, Codec, choice, collection, nested, optional
from vad.adapters.redis.codec import sequence as many
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.scripts import BoundValues
from vad.domain.assurance import LevelOfAssurance
from vad.domain.grant import Grant, GrantState
from vad.domain.identifiers import ClientId
from vad.services.ports.volatile import AuthorizationCode

LIFE_SECONDS = 60

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
    },
)
CODEC = Codec(
    AuthorizationCode,
    {"grant": nested(_GRANT), "redirect_uri": TEXT, "code_challenge": TEXT, "nonce": TEXT},
)


class RedisCodes:
    """`vad.services.ports.volatile.Codes`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._values = BoundValues(redis)
        self._keys = keys

    def add(self, code: str, value: AuthorizationCode) -> None:
        self._values.add(self._key(code), value.grant.client_id.encode(), CODEC.dump(value), LIFE_SECONDS)

    def redeem(self, code: str, client_id: ClientId) -> AuthorizationCode | None:
        return CODEC.load(self._values.take(self._key(code), client_id.encode()))

    def _key(self, code: str) -> str:
        return self._keys.of("code", code)
