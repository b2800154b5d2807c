"""Reading VAD's own access tokens back."""

from collections.abc import Mapping
from datetime import datetime

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import header_of, kid_of, numeric_date, text, verified
from vad.adapters.jose.public_keys import PublicKey
from vad.adapters.jose.signer import ACCESS_TOKEN_TYPE
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.adapters.vault.rings import PerRing, Rings
from vad.domain.identifiers import ClientId
from vad.services.ports.tokens import VerifiedAccessToken

CLOCK_SKEW = 60
"""Seconds that the clock of another process of ours may be ahead. The end of a token has no leeway."""


class JwtVerifier:
    """`vad.services.ports.tokens.TokenVerifier`: only tokens that this issuer signed."""

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._issuer = issuer
        self._keys = PerRing(rings, own_public_keys)

    def access_token(self, token: str, at: datetime) -> VerifiedAccessToken | None:
        try:
            return self._read(token, at)
        except TokenRefusedError:
            return None

    def own_access_token(self, token: str, at: datetime) -> VerifiedAccessToken | None:
        verified_token = self.access_token(token, at)
        # A source's token names the source here, and works at that source alone.
        return verified_token if verified_token is not None and verified_token.audience == self._issuer else None

    def _read(self, token: str, at: datetime) -> VerifiedAccessToken:
        header = header_of(token)
        if header.get("typ") != ACCESS_TOKEN_TYPE:
            # An ID token is signed by the same key and is no access token (RFC 9068 section 4).
            raise TokenRefusedError(Refusal.TYPE)
        kid = kid_of(header) or ""
        known = self._keys().get(kid) or (self._keys.newer() or {}).get(kid)
        if known is None:
            raise TokenRefusedError(Refusal.UNKNOWN_KEY)
        key, algorithm = known
        if header.get("alg") != algorithm:
            raise TokenRefusedError(Refusal.ALGORITHM)
        claims = verified(token, [key], algorithm)
        if claims.get("iss") != self._issuer:
            raise TokenRefusedError(Refusal.ISSUER)
        _check_times(claims, at.timestamp())
        client_id = ClientId(text(claims, "client_id", Refusal.SUBJECT))
        scope = claims.get("scope")
        values = frozenset(scope.split()) if isinstance(scope, str) else frozenset[str]()
        audience = text(claims, "aud", Refusal.AUDIENCE, longest=2048)
        return VerifiedAccessToken(text(claims, "jti", Refusal.JTI), client_id, audience, values, claims)


def own_public_keys(ring: KeyRing) -> Mapping[str, tuple[PublicKey, str]]:
    """What checks our own signatures, with its algorithm. The next key too: another process may use it already."""
    return {key.key_id: (key.private.public_key(), key.algorithm) for key in ring.all(Purpose.SIGNING)}


def _check_times(claims: Mapping[str, object], now: float) -> None:
    begun = max(numeric_date(claims, "iat"), numeric_date(claims, "nbf"))
    if not begun - CLOCK_SKEW <= now < numeric_date(claims, "exp"):
        raise TokenRefusedError(Refusal.TIME)
