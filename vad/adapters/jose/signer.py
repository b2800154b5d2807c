"""The signer: claims that carry a permit become a token."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.errors import UnknownKeyError
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.keys import AsymmetricKey
from vad.adapters.vault.rings import PerRing, Rings
from vad.domain.access import Permit
from vad.domain.claims import AccessTokenClaims, IdTokenClaims, UserInfoClaims, scope_of

OWN_ALGORITHM = "ES256"
"""For the issuer's own access token, which only VAD reads."""

ACCESS_TOKEN_TYPE = "at+jwt"  # noqa: S105 - RFC 9068 section 2.1


@dataclass(frozen=True, slots=True)
class _SigningKey:
    kid: str
    private: AsymmetricKey


class JwtSigner:
    """`vad.services.ports.tokens.TokenSigner`, with PyJWT and key objects that were loaded once.

    What a token says of its issuer, audience, client, scope and end is compared with its permit once more: nothing that
    does not follow from the permit is signed, whatever made it.
    """

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._issuer = issuer
        self._keys = PerRing(rings, _signing_keys)

    def access_token(self, claims: AccessTokenClaims) -> str:
        """Sign as the source is registered. Raises `TypeError` for anything that does not follow from a permit."""
        if type(claims) is not AccessTokenClaims:
            raise TypeError("only AccessTokenClaims become an access token")
        permit = _permit(claims.permit)
        request, source = permit.request, permit.request.source
        client_id = request.client.client_id
        audience = self._issuer if source is None else source.identifier
        self._check(claims.values, permit, aud=audience, client_id=client_id, azp=client_id, scope=scope_of(permit))
        algorithm = OWN_ALGORITHM if source is None else source.access_token_signing_alg
        return self._sign(claims.values, algorithm, ACCESS_TOKEN_TYPE)

    def id_token(self, claims: IdTokenClaims, access_token: str) -> str:
        """Sign as the client is registered. Raises `TypeError` for anything that does not follow from a permit."""
        if type(claims) is not IdTokenClaims:
            raise TypeError("only IdTokenClaims become an ID token")
        permit = _permit(claims.permit)
        client = permit.request.client
        self._check(claims.values, permit, aud=client.client_id, azp=client.client_id)
        values = {**claims.values, "at_hash": _at_hash(access_token)}
        return self._sign(values, client.id_token_signed_response_alg, "JWT")

    def userinfo(self, claims: UserInfoClaims) -> str:
        """Sign as the client is registered. Raises `TypeError` for anything that does not follow from a permit."""
        if type(claims) is not UserInfoClaims:
            raise TypeError("only UserInfoClaims become a signed answer")
        permit = _permit(claims.permit)
        client = permit.request.client
        self._check({**claims.values, "acr": permit.request.level.uri}, permit, aud=client.client_id)
        return self._sign(claims.values, client.userinfo_signed_response_alg, "JWT")

    def _check(self, values: Mapping[str, object], permit: Permit, **follows: str) -> None:
        """Raise `TypeError` unless the values are these, come from this issuer and end with the permit."""
        follows |= {"iss": self._issuer, "acr": permit.request.level.uri}
        if any(type(values.get(name)) is not str or values[name] != value for name, value in follows.items()):
            raise TypeError("a token says no more than its Permit")
        expires = values.get("exp")
        if type(expires) is not int or expires > permit.until.timestamp():
            raise TypeError("no token outlives its Permit")

    def _sign(self, values: Mapping[str, object], algorithm: str, typ: str) -> str:
        key = self._keys().get(algorithm)
        if key is None:
            raise UnknownKeyError("no active signing key for a registered algorithm")
        return jwt.encode(dict(values), key.private, algorithm, headers={"kid": key.kid, "typ": typ})


def _signing_keys(ring: KeyRing) -> Mapping[str, _SigningKey]:
    return {
        key.algorithm: _SigningKey(key.key_id, key.private)
        for key in ring.all(Purpose.SIGNING)
        if key.state is KeyState.ACTIVE
    }


def _permit(permit: object) -> Permit:
    if type(permit) is not Permit:
        raise TypeError("no token without a Permit")
    return permit


def _at_hash(access_token: str) -> str:
    """The left half of the hash that the signature uses; SHA-256 for all three algorithms (OIDC Core 3.1.3.6)."""
    return base64url(hashlib.sha256(access_token.encode("ascii")).digest()[:16])
