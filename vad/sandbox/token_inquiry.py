"""Asking VAD whether a token still holds (RFC 7662): what a data source does when a stop must count at once.

A signature says what was true when the token was made. VAD says what is true now: the consent stopped, the person
logged out, the app out of service. The source proves itself by `private_key_jwt`, with a key that is for nothing else.
"""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any

import jwt

from vad.sandbox.fetching import FetchError, fetch_json
from vad.sandbox.issuer import Issuer, IssuerUnavailableError
from vad.sandbox.refusals import Reason, RefusedError
from vad.sandbox.token_check import Access

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = 60
"""Seconds that a proof is good for."""


@dataclass(frozen=True)
class TokenInquiry:
    """The inquiries of one data source. `signing_key` is the private JWK whose public half it registered (`jwks`)."""

    issuer: Issuer
    identifier: str
    signing_key: jwt.PyJWK = field(repr=False)

    def require_active(self, token: str, access: Access) -> None:
        """Let a token pass that was checked before and that VAD stands for now. Raises RefusedError."""
        answer = self._ask(token)
        if answer.get("active") is not True:
            raise RefusedError(Reason.INACTIVE)
        # An answer about another token says nothing about this one.
        if (answer.get("jti"), answer.get("aud")) != (access.jti, self.identifier):
            raise RefusedError(Reason.INACTIVE)

    def _ask(self, token: str) -> dict[str, Any]:
        """The answer. Without one nothing opens: whoever can keep VAD from answering must not undo a stop with it."""
        try:
            endpoint = self.issuer.metadata().get("introspection_endpoint")
            if not isinstance(endpoint, str):
                raise RefusedError(Reason.ISSUER_UNAVAILABLE)
            form = {
                "token": token,
                "token_type_hint": "access_token",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self._proof(),
            }
            return fetch_json(endpoint, method="POST", form=form)
        except (FetchError, IssuerUnavailableError) as error:
            raise RefusedError(Reason.ISSUER_UNAVAILABLE) from error

    def _proof(self) -> str:
        """An assertion (RFC 7523 section 3), new each time: VAD takes each once."""
        now = int(time.time())
        claims = {
            "iss": self.identifier,
            "sub": self.identifier,
            "aud": self.issuer.url,
            "iat": now,
            "exp": now + LIFE,
            "jti": secrets.token_urlsafe(16),
        }
        return jwt.encode(claims, self.signing_key, algorithm="ES256", headers={"kid": self.signing_key.key_id})
