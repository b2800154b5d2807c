"""Reading VAD's own access tokens back."""

from collections.abc import Mapping
from datetime import datetime

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import numeric_date, text
from vad.adapters.jose.own_tokens import OwnTokens
from vad.adapters.jose.signer import ACCESS_TOKEN_TYPE
from vad.adapters.vault.rings import Rings
from vad.domain.identifiers import ClientId
from vad.services.ports.tokens import VerifiedAccessToken

CLOCK_SKEW = 60
"""Seconds that the clock of another process of ours may be ahead. The end of a token has no leeway."""


class JwtVerifier:
    """`vad.services.ports.tokens.TokenVerifier`: only tokens that this issuer signed."""

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._issuer = issuer
        self._own = OwnTokens(rings, issuer)

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
        claims = self._own.claims(token, ACCESS_TOKEN_TYPE)
        _check_times(claims, at.timestamp())
        client_id = ClientId(text(claims, "client_id", Refusal.SUBJECT))
        scope = claims.get("scope")
        values = frozenset(scope.split()) if isinstance(scope, str) else frozenset[str]()
        audience = text(claims, "aud", Refusal.AUDIENCE, longest=2048)
        return VerifiedAccessToken(text(claims, "jti", Refusal.JTI), client_id, audience, values, claims)


def _check_times(claims: Mapping[str, object], now: float) -> None:
    begun = max(numeric_date(claims, "iat"), numeric_date(claims, "nbf"))
    if not begun - CLOCK_SKEW <= now < numeric_date(claims, "exp"):
        raise TokenRefusedError(Refusal.TIME)
