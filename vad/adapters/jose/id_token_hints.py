"""Reading VAD's own ID tokens back, when an app sends one as `id_token_hint` (OIDC Core 3.1.2.1)."""

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import header_of, kid_of, text, verified
from vad.adapters.jose.verifier import own_public_keys
from vad.adapters.vault.rings import PerRing, Rings
from vad.domain.identifiers import ClientId
from vad.domain.logout import IdTokenHint

ID_TOKEN_TYPE = "JWT"  # noqa: S105 - RFC 7519 section 5.1


class JwtIdTokenHints:
    """`vad.services.ports.tokens.IdTokenHints`.

    An expired one will do (OIDC RP-Initiated Logout section 2): it proves who was logged in, and opens nothing.
    """

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._issuer = issuer
        self._keys = PerRing(rings, own_public_keys)

    def read(self, token: str) -> IdTokenHint | None:
        try:
            return self._read(token)
        except TokenRefusedError:
            return None

    def _read(self, token: str) -> IdTokenHint:
        header = header_of(token)
        if header.get("typ") != ID_TOKEN_TYPE:
            # Access tokens and logout tokens are signed by the same keys (RFC 8725 section 3.11).
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
        return IdTokenHint(
            ClientId(text(claims, "aud", Refusal.AUDIENCE)),
            text(claims, "sub", Refusal.SUBJECT),
            text(claims, "sid", Refusal.SUBJECT),
        )
