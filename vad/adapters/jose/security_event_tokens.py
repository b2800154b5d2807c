"""Security event tokens (RFC 8417), signed for one data source."""

from collections.abc import Mapping

import jwt

from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.domain.client import ResourceServer
from vad.services.ports.outbox import OutboxMessage

SECURITY_EVENT_TOKEN_TYPE = "secevent+jwt"  # noqa: S105 - section 2.3


class SecurityEventTokens:
    """Signs what a queued message says as the source is registered for access tokens; they open nothing."""

    def __init__(self, rings: Rings, issuer: str) -> None:
        self._rings = rings
        self._issuer = issuer

    def sign(self, source: ResourceServer, message: OutboxMessage) -> str:
        """The token. Raises `UnknownKeyError` without a key for the source's algorithm.

        It says the same at every attempt, so that a source which took one twice knows it by its `jti`. It has no `exp`
        and no `sub`: nobody can take it for a token that opens something (sections 2.2 and 4).
        """
        algorithm = source.access_token_signing_alg
        key = self._rings.current.active(Purpose.SIGNING, algorithm)
        said = message.payload
        event: dict[str, object] = {"client_id": said["client_id"]}
        if "act" in said:
            event["act"] = {"iss": self._issuer, "sub": said["act"]}
        claims = {
            "iss": self._issuer,
            "aud": source.identifier,
            "jti": said["jti"],
            "iat": said["iat"],
            "txn": said["txn"],
            "sub_id": self._about(said),
            "events": {str(said["event"]): event},
        }
        return jwt.encode(claims, key.private, algorithm, headers={"kid": key.key_id, "typ": SECURITY_EVENT_TOKEN_TYPE})

    def _about(self, said: Mapping[str, object]) -> dict[str, object]:
        """A person as this source knows them (RFC 9493 section 3.2.3); an app, where it is about everybody (3.2.5)."""
        if "sub" in said:
            return {"format": "iss_sub", "iss": self._issuer, "sub": said["sub"]}
        return {"format": "opaque", "id": said["client_id"]}
