"""The other side of `private_key_jwt`: VAD proves who it is, as a client of DigiD (RFC 7523 section 3)."""

from datetime import datetime

import jwt

from vad.adapters.vault.keys import Key

LIFE = 60
"""Seconds."""


def make_client_assertion(key: Key, client_id: str, audience: str, at: datetime, jti: str) -> str:
    """A signed assertion that `audience` may take once, within a minute."""
    issued = int(at.timestamp())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued,
        "nbf": issued,
        "exp": issued + LIFE,
        "jti": jti,
    }
    return jwt.encode(claims, key.private, key.algorithm, headers={"kid": key.key_id})
