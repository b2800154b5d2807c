"""The signer: claims that carry a permit become a token."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.errors import UnknownKeyError
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.keys import AsymmetricKey
from vad.domain.access import Permit
from vad.domain.claims import AccessTokenClaims, IdTokenClaims

OWN_ALGORITHM = "ES256"
"""For the issuer's own access token, which only VAD reads."""

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068 section 2.1


@dataclass(frozen=True, slots=True)
class _SigningKey:
    kid: str
    private: AsymmetricKey


class JwtSigner:
    """`vad.services.ports.tokens.TokenSigner`, with PyJWT and key objects that were loaded once."""

    def __init__(self, keyring: KeyRing) -> None:
        self._keys = {
            key.algorithm: _SigningKey(key.key_id, key.private)
            for key in keyring.all(Purpose.SIGNING)
            if key.state is KeyState.ACTIVE
        }

    def access_token(self, claims: AccessTokenClaims) -> str:
        """Sign as the source is registered. Raises `TypeError` for anything that carries no permit."""
        if type(claims) is not AccessTokenClaims:
            raise TypeError("only AccessTokenClaims become an access token")
        permit = _checked(claims.permit, claims.values)
        source = permit.request.source
        if source is not None and claims.values.get("aud") != source.identifier:
            raise TypeError("an access token is for the source that its permit names")
        algorithm = OWN_ALGORITHM if source is None else source.access_token_signing_alg
        return self._sign(claims.values, algorithm, ACCESS_TOKEN_TYPE)

    def id_token(self, claims: IdTokenClaims, access_token: str) -> str:
        """Sign as the client is registered. Raises `TypeError` for anything that carries no permit."""
        if type(claims) is not IdTokenClaims:
            raise TypeError("only IdTokenClaims become an ID token")
        permit = _checked(claims.permit, claims.values)
        values = {**claims.values, "at_hash": _at_hash(access_token)}
        return self._sign(values, permit.request.client.id_token_signed_response_alg, "JWT")

    def _sign(self, values: Mapping[str, object], algorithm: str, typ: str) -> str:
        key = self._keys.get(algorithm)
        if key is None:
            raise UnknownKeyError("no active signing key for a registered algorithm")
        return jwt.encode(dict(values), key.private, algorithm, headers={"kid": key.kid, "typ": typ})


def _checked(permit: object, values: Mapping[str, object]) -> Permit:
    """The permit, if it is one and these values do not outlive it."""
    if type(permit) is not Permit:
        raise TypeError("no token without a Permit")
    expires = values.get("exp")
    if type(expires) is not int or expires > permit.until.timestamp():
        raise TypeError("no token outlives its Permit")
    return permit


def _at_hash(access_token: str) -> str:
    """The left half of the hash that the signature uses; SHA-256 for all three algorithms (OIDC Core 3.1.3.6)."""
    return base64url(hashlib.sha256(access_token.encode("ascii")).digest()[:16])
