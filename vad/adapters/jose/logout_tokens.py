"""Logout tokens (OIDC Back-Channel Logout 1.0 section 2.4)."""

from datetime import datetime, timedelta

import jwt

from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.randomness import SystemRandomness
from vad.adapters.vault.rings import Rings
from vad.domain.client import Client

LOGOUT_TOKEN_TYPE = "logout+jwt"  # noqa: S105 - section 2.4
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFE = timedelta(seconds=120)
"""As the specification recommends at most: it is made anew for every attempt."""


class LogoutTokens:
    """Signs logout tokens as the client is registered for ID tokens, and nothing else: they open nothing."""

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._rings = rings
        self._issuer = issuer
        self._random = SystemRandomness()

    def sign(self, client: Client, *, sub: str, sid: str, at: datetime) -> str:
        """The token for this client. Raises `UnknownKeyError` without a key for its algorithm."""
        algorithm = client.id_token_signed_response_alg
        key = self._rings.current.active(Purpose.SIGNING, algorithm)
        issued = int(at.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": client.client_id,
            "sub": sub,
            "sid": sid,
            "iat": issued,
            "exp": issued + int(LIFE.total_seconds()),
            "jti": self._random.token(),
            "events": {LOGOUT_EVENT: {}},
        }
        return jwt.encode(claims, key.private, algorithm, headers={"kid": key.key_id, "typ": LOGOUT_TOKEN_TYPE})
