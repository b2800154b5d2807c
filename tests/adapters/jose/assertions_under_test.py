"""Client assertions, good and bad, and what checks them."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import jwt

from tests.adapters.jose.tokens_under_test import AT, CLIENT_ID, ISSUER, p256, registered_client
from vad.adapters.http.caller import Limits
from vad.adapters.http.guarded import GuardedCallers
from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.published_keys import PublishedKeys
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.replay import RedisReplayGuard
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.master_key import MasterKey
from vad.domain.client import Jwk

ENDPOINT = f"{ISSUER}/token"
NOW = int(AT.timestamp())
PRIVATE, PUBLIC = p256()


def guard(url: str) -> RedisReplayGuard:
    """A replay guard that has seen nothing: its names in Redis hang on a key of its own."""
    master = MasterKey(bytes(32))
    binding = create_secret(master, Purpose.BINDING, KeyState.ACTIVE, AT)
    return RedisReplayGuard(RedisConnection.open(url), StoreKeys(KeyRing(master, [binding])))


def published(monotonic: Callable[[], float] = time.monotonic) -> PublishedKeys:
    """What fetches the keys that clients publish, on this machine too."""
    callers = GuardedCallers("keys of", Limits(connect=1, total=1), loopback=True)
    return PublishedKeys(callers, monotonic)


def claims(**changes: Any) -> dict[str, Any]:
    """Claims of a good assertion, some changed (None: left out)."""
    good = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": ENDPOINT, "iat": NOW, "exp": NOW + 60, "jti": "one"}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def assertion(key: Any = PRIVATE, algorithm: str = "ES256", kid: Any = PUBLIC["kid"], **changes: Any) -> str:
    """An assertion with some claims changed."""
    return jwt.encode(claims(**changes), key, algorithm, headers={} if kid is None else {"kid": kid})


def accepted(assertions: JwtClientAssertions, made: str, jwks: Sequence[Jwk] = (PUBLIC,)) -> bool:
    """Whether it proves that the caller is the client that registered these keys."""
    return assertions.verify(registered_client(*jwks), made, AT)
