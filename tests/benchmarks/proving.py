"""What an app shows of itself beside its form: an assertion or a certificate, and with DPoP a proof of a key."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support.certificate_holder import HEADER
from tests.support.relying_party_client import ASSERTION_TYPE

NONCE = "dpop-nonce"


class Proving:
    """Of one app. `certificate` is what its proxy passes on of it; `bound` says whether it proves a key."""

    def __init__(self, issuer: str, client_id: str, key: ECKey, *, certificate: str, bound: bool) -> None:
        self._issuer, self._client_id, self._key, self._certificate = issuer, client_id, key, certificate
        self._holder = ECKey.generate_key("P-256") if bound else None
        self.nonce = ""
        """What the server gave last."""

    def form(self) -> Mapping[str, str]:
        """What goes into the form."""
        if self._certificate:
            return {"client_id": self._client_id}
        now = int(time.time())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": f"{self._issuer}/token",
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        assertion = jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key, algorithms=["ES256"])
        return {"client_id": self._client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}

    def headers(self, method: str, path: str, token: str | None = None) -> Mapping[str, str]:
        """What goes into the headers; `token` is one that is used."""
        shown = {HEADER: self._certificate} if self._certificate else {}
        if self._holder is None:
            return shown if token is None else {**shown, "Authorization": f"Bearer {token}"}
        claims = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": f"{self._issuer}{path}", "nonce": self.nonce}
        if token is not None:
            shown = {**shown, "Authorization": f"DPoP {token}"}
            claims["ath"] = urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self._holder.as_dict(private=False)}
        proof = jwt.encode(header, {**claims, "iat": int(time.time())}, self._holder, algorithms=["ES256"])
        return {**shown, "DPoP": proof}
