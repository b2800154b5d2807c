"""Authorization requests on their way through the pages."""

from datetime import datetime, timedelta
from typing import cast

from vad.adapters.redis import scripts
from vad.adapters.redis.codec import BYTES, FLAG, IDENTIFIER, NUMBER, TEXT, TIME, Codec, choice, collection, optional
from vad.adapters.redis.codec import sequence as many
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization import AuthorizationRequest, ResponseMode
from vad.domain.errors import LoginFailure
from vad.domain.ground import Basis, DenyReason
from vad.domain.session import ABSOLUTE_LIFE

LIFE = timedelta(minutes=15)
"""From the start."""
HELD = ABSOLUTE_LIFE + LIFE
"""From each page on that somebody who is logged in sees: as long as they can stay there, and to log in again."""
_MARGIN = ABSOLUTE_LIFE / 2
"""A request that was held ends a whole login later than one that was not; clocks differ by less than half of that."""
_HOLD = """
if redis.call('PTTL', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[1])
"""

CODEC = Codec(
    AuthorizationRequest,
    {
        "browser": BYTES,
        "client_id": TEXT,
        "redirect_uri": TEXT,
        "scope": many(TEXT),
        "state": TEXT,
        "nonce": TEXT,
        "code_challenge": TEXT,
        "resources": many(TEXT),
        "received_at": TIME,
        "prompt": collection(TEXT),
        "max_age": optional(NUMBER),
        "acr_values": many(choice(LevelOfAssurance)),
        "ui_locales": many(TEXT),
        "response_mode": choice(ResponseMode),
        "hinted": many(TEXT),
        "demanded_levels": many(choice(LevelOfAssurance)),
        "basis": optional(choice(Basis)),
        "dpop_jkt": TEXT,
        "id_token_claims": many(TEXT),
        "pushed": TEXT,
        "subject": optional(IDENTIFIER),
        "acting_confirmed": FLAG,
        "login_failure": optional(choice(LoginFailure)),
        "login_answered": FLAG,
        "refused": FLAG,
        "consents": many(IDENTIFIER),
        "consent_answered": FLAG,
        "refusal": optional(choice(DenyReason)),
    },
    left_out=frozenset({"flow"}),
)


class RedisAuthorizationRequests:
    """`vad.services.ports.volatile.AuthorizationRequests`."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys) -> None:
        self._redis = redis
        self._keys = keys

    def add(self, request: AuthorizationRequest) -> None:
        key, value = self._key(request.flow), CODEC.dump(request)
        self._redis.write(lambda client: client.set(key, value, ex=LIFE))

    def get(self, flow: str) -> AuthorizationRequest | None:
        key = self._key(flow)
        return CODEC.load(cast("bytes | None", self._redis.read(lambda client: client.get(key))), flow=flow)

    def keep(self, request: AuthorizationRequest) -> None:
        key, value = self._key(request.flow), CODEC.dump(request)
        self._redis.write(lambda client: client.set(key, value, xx=True, keepttl=True))

    def hold(self, flow: str) -> None:
        key, life = self._key(flow), int(HELD / timedelta(milliseconds=1))
        self._redis.write(lambda client: scripts.run(client, _HOLD, key, life))

    def held(self, request: AuthorizationRequest, at: datetime) -> bool:
        key = self._key(request.flow)
        left = timedelta(milliseconds=self._redis.read(lambda client: client.pttl(key)))
        return at + left > request.received_at + LIFE + _MARGIN

    def take(self, flow: str) -> AuthorizationRequest | None:
        key = self._key(flow)
        return CODEC.load(cast("bytes | None", self._redis.use_up(lambda client: client.getdel(key))), flow=flow)

    def _key(self, flow: str) -> str:
        return self._keys.of("authorization_request", flow)
