"""Visits to DigiD that have not come back yet, by a keyed hash of their `state`."""

from vad.adapters.redis.codec import TEXT, TIME, Codec, choice, optional
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.scripts import BoundValues
from vad.domain.assurance import LevelOfAssurance
from vad.services.ports.volatile import PendingLogin

LIFE_SECONDS = 15 * 60

CODEC = Codec(
    PendingLogin,
    {
        "nonce": TEXT,
        "code_verifier": TEXT,
        "minimum": choice(LevelOfAssurance),
        "began_at": TIME,
        "flow": optional(TEXT),
        "language": TEXT,
        "page": TEXT,
    },
    left_out=frozenset({"state", "browser"}),
)


class RedisPendingLogins:
    """`vad.services.ports.volatile.PendingLogins`. `kind` keeps visits of one application from those of another."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, kind: str = "pending_login") -> None:
        self._values = BoundValues(redis)
        self._keys = keys
        self._kind = kind

    def add(self, login: PendingLogin) -> None:
        self._values.add(self._key(login.state), login.browser, CODEC.dump(login), LIFE_SECONDS)

    def take(self, state: str, browser: bytes) -> PendingLogin | None:
        return CODEC.load(self._values.take(self._key(state), browser), state=state, browser=browser)

    def _key(self, state: str) -> str:
        return self._keys.of(self._kind, state)
