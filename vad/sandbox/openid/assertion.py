"""Client authentication with `private_key_jwt` (OpenID Connect Core section 9, RFC 7523)."""

import json
from collections.abc import Callable
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError

from vad.sandbox.memory import ShortLived
from vad.sandbox.openid.client_keys import ClientKeys

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LONGEST_LIFE = 300
_CLOCK_SKEW = 5
_LONGEST_JTI = 255
_LATEST = 1e11


class BadAssertionError(Exception):
    """The client is not authenticated; the message says why, without any of the assertion's contents."""


class AssertionChecker:
    """Checks assertions of one client, each of which can be used once."""

    def __init__(self, client_id: str, audiences: frozenset[str], keys: ClientKeys, now: Callable[[], float]) -> None:
        self._client_id = client_id
        self._audiences = audiences
        self._keys = keys
        self._now = now
        self._seen: ShortLived[bool] = ShortLived(now)

    def check(self, assertion: str) -> None:
        """Raise `BadAssertionError` unless `assertion` is the client's own, meant for us, fresh and unused.

        Raises `KeysUnavailableError` when the client's keys cannot be fetched.
        """
        claims = self._verified(assertion)
        now = self._now()
        if claims.get("iss") != self._client_id or claims.get("sub") != self._client_id:
            raise BadAssertionError("iss and sub must be the client_id")
        audience = claims.get("aud")
        if isinstance(audience, list) and len(audience) == 1:
            audience = audience[0]
        if not isinstance(audience, str) or audience not in self._audiences:
            raise BadAssertionError("aud must be the token endpoint or the issuer")
        issued, expires, not_before = (_seconds(claims, name) for name in ("iat", "exp", "nbf"))
        if issued is None or expires is None:
            raise BadAssertionError("iat and exp must be numbers")
        if expires <= now or issued > now + _CLOCK_SKEW or (not_before or 0) > now + _CLOCK_SKEW:
            raise BadAssertionError("the assertion is not valid now")
        if expires - issued > _LONGEST_LIFE or now - issued > _LONGEST_LIFE:
            raise BadAssertionError("the assertion lives longer than five minutes")
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= _LONGEST_JTI:
            raise BadAssertionError("jti is missing")
        if not self._seen.add(jti, True, seconds=expires - now):  # noqa: FBT003
            raise BadAssertionError("the assertion was used before")

    def _verified(self, assertion: str) -> dict[str, Any]:
        """Return the claims, once the signature proves to be the client's. ES256 alone: neither none nor a secret."""
        try:
            header = jws.extract_compact(assertion.encode("ascii")).headers()
            kid = header.get("kid")
            key = self._keys.signing_key(kid) if isinstance(kid, str) and header.get("alg") == "ES256" else None
            if key is None:
                raise BadAssertionError("the assertion must be signed with ES256 by a registered key")
            payload = jws.deserialize_compact(assertion, key, algorithms=["ES256"]).payload
            claims = json.loads(payload)
        except (JoseError, ValueError, TypeError):
            raise BadAssertionError("the assertion's signature is not the client's") from None
        if not isinstance(claims, dict):
            raise BadAssertionError("the assertion holds no claims")
        return claims


def _seconds(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LATEST:
        return None
    return float(value)
