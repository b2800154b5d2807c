"""DigiD's ID token: a JWS inside a JWE for the relying party; and, on request, the nonsense that it must refuse."""

import base64
import json
import secrets
from dataclasses import dataclass
from typing import Any

from joserfc import jwe, jws
from joserfc.jwk import ECKey

from vad.sandbox.digid.levels import Level, below

BSN_TYPE = "urn:nl-eid-gdi:1.0:id:BSN"
ID_TOKEN_SECONDS = 300
NONSENSE = (
    "wrong_nonce",
    "wrong_audience",
    "wrong_issuer",
    "expired",
    "too_low",
    "foreign_key",
    "unsigned",
    "not_encrypted",
)
REPRESENTING = "representing"
"""Not wrong, and not asked for: the person logs in for somebody else, as with DigiD Machtigen."""
REPRESENTED_BSN = "999990019"
"""For whom, then: a test person."""


@dataclass(frozen=True)
class Login:
    """A login that succeeded: who, how, when, and for which authorization request."""

    bsn: str
    level: Level
    minimum: Level
    auth_time: int
    nonce: str
    redirect_uri: str
    code_challenge: str

    def __repr__(self) -> str:
        return f"Login({self.level.name}, {self.auth_time})"


@dataclass(frozen=True)
class TokenMaker:
    """Makes the ID tokens of one issuer for one client."""

    issuer: str
    client_id: str
    key: ECKey

    def id_token(self, login: Login, recipient: ECKey, now: int, nonsense: str = "ok") -> str:
        """Return the encrypted ID token for `login`, made wrong in the way that `nonsense` names, if any."""
        claims = self._claims(login, now, nonsense)
        header = {"alg": "ES256", "kid": self.key.kid, "typ": "JWT"}
        if nonsense == "unsigned":
            signed = f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{_encoded(claims)}."
        else:
            key = ECKey.generate_key("P-256") if nonsense == "foreign_key" else self.key
            signed = jws.serialize_compact(header, json.dumps(claims), key, algorithms=["ES256"])
        if nonsense == "not_encrypted":
            return signed
        outer = {"alg": "ECDH-ES", "enc": "A256GCM", "cty": "JWT", "kid": recipient.kid}
        return jwe.encrypt_compact(outer, signed, recipient, algorithms=["ECDH-ES", "A256GCM"])

    def _claims(self, login: Login, now: int, nonsense: str) -> dict[str, Any]:
        issued = now - 2 * ID_TOKEN_SECONDS if nonsense == "expired" else now
        level = below(login.minimum) if nonsense == "too_low" else login.level
        for_whom = {"iss": self.issuer, "sub": REPRESENTED_BSN, "sub_id_type": BSN_TYPE}
        return ({"represents": for_whom} if nonsense == REPRESENTING else {}) | {
            "iss": f"{self.issuer}/elsewhere" if nonsense == "wrong_issuer" else self.issuer,
            "aud": f"{self.client_id}-other" if nonsense == "wrong_audience" else self.client_id,
            "sub": login.bsn,
            "sub_id_type": BSN_TYPE,
            "acr": level.uri,
            "nonce": secrets.token_urlsafe(16) if nonsense == "wrong_nonce" else login.nonce,
            "auth_time": login.auth_time,
            "iat": issued,
            "exp": issued + ID_TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
