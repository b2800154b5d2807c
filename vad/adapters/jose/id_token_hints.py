"""Reading VAD's own ID tokens back, when an app sends one as `id_token_hint` (OIDC Core 3.1.2.1)."""

from datetime import UTC, datetime

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import numeric_date, text
from vad.adapters.jose.own_tokens import OwnTokens
from vad.adapters.vault.rings import Rings
from vad.domain.identifiers import ClientId
from vad.domain.logout import IdTokenHint

ID_TOKEN_TYPE = "JWT"  # noqa: S105 - RFC 7519 section 5.1


class JwtIdTokenHints:
    """`vad.services.ports.tokens.IdTokenHints`.

    An expired one will do (OIDC RP-Initiated Logout section 2): it proves who was logged in, and opens nothing.
    """

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._own = OwnTokens(rings, issuer)

    def read(self, token: str) -> IdTokenHint | None:
        try:
            return self._read(token)
        except TokenRefusedError:
            return None

    def _read(self, token: str) -> IdTokenHint:
        claims = self._own.claims(token, ID_TOKEN_TYPE)
        return IdTokenHint(
            ClientId(text(claims, "aud", Refusal.AUDIENCE)),
            text(claims, "sub", Refusal.SUBJECT),
            text(claims, "sid", Refusal.SUBJECT),
            datetime.fromtimestamp(numeric_date(claims, "auth_time"), UTC),
        )
