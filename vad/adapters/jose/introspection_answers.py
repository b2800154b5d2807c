"""Introspection answers as JWTs (RFC 9701)."""

from collections.abc import Mapping
from datetime import datetime

import jwt

from vad.adapters.jose.answers import sealed_to
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.domain.client import Client, ResourceServer

INTROSPECTION_TYPE = "token-introspection+jwt"


class JwtIntrospectionAnswers:
    """`vad.services.ports.tokens.IntrospectionAnswers`: proof, for later, of what VAD said of a token."""

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._rings = rings
        self._issuer = issuer

    def sign(self, caller: Client | ResourceServer, answer: Mapping[str, object], at: datetime) -> str:
        """Signed as the caller is registered. Raises `UnknownKeyError` without a key for that algorithm.

        For a source that wants it, encrypted as well.

        At its top there is no `sub` and no `exp`, and its type is its own: nobody can take it for a token that opens
        something (sections 5 and 8.1).
        """
        audience: str = caller.client_id if isinstance(caller, Client) else caller.identifier
        algorithm = caller.introspection_alg
        key = self._rings.current.active(Purpose.SIGNING, algorithm)
        claims = {
            "iss": self._issuer,
            "aud": audience,
            "iat": int(at.timestamp()),
            "token_introspection": dict(answer),
        }
        signed = jwt.encode(claims, key.private, algorithm, headers={"kid": key.key_id, "typ": INTROSPECTION_TYPE})
        return signed if isinstance(caller, Client) else _sealed(caller, signed)


def _sealed(source: ResourceServer, signed: str) -> str:
    """Encrypted to the key that the source is registered with, where it wants that (section 5)."""
    alg, enc = source.introspection_encrypted_response_alg, source.introspection_encrypted_response_enc
    return sealed_to(source.encryption_jwk, alg, enc, signed, nested=True) if alg else signed
