"""An app that holds a key and proves it with each request (DPoP, RFC 9449)."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from tests.support.relying_party_client import ASSERTION_TYPE, Asked, RelyingParty
from vad.adapters.vault.jwk import thumbprint

ACCEPTED = ("application/json; charset=utf-8", "application/json, application/*+json, */*")
"""What the Foundation's suite says it accepts of a resource, beside saying nothing."""


@dataclass
class Holder:
    """Somebody who holds a key, and remembers the nonce that the server gave last."""

    rp: RelyingParty
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    nonce: str = ""

    @property
    def jkt(self) -> str:
        """The thumbprint of the key."""
        return thumbprint(ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True))

    def proof(self, method: str, path: str, token: str | None = None, **changes: Any) -> str:
        """A proof for one request."""
        jwk = ECAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        claims: dict[str, Any] = {"jti": secrets.token_urlsafe(16), "htm": method, "iat": int(time.time())}
        claims |= {"htu": f"{self.rp.issuer}{path}", "nonce": self.nonce}
        if token is not None:
            claims["ath"] = urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        return jwt.encode(claims | changes, self.key, "ES256", {"typ": "dpop+jwt", "jwk": jwk})

    def post(self, path: str, fields: dict[str, Any], **changes: Any) -> requests.Response:
        """Post a form, proved twice over: the client, and the key. Comes again with the nonce where it is asked for.

        `changes` are to the claims of the proof; `assertion`, to those of the client's assertion.
        """
        answer = self._once(path, fields, **changes)
        if answer.status_code == 400 and answer.json()["error"] == "use_dpop_nonce":
            self.nonce = answer.headers["DPoP-Nonce"]
            return self._once(path, fields, **changes)
        return answer

    def _once(
        self, path: str, fields: dict[str, Any], assertion: Mapping[str, Any] | None = None, **changes: Any
    ) -> requests.Response:
        rp = self.rp
        whole = {"client_id": rp.client_id, "client_assertion_type": ASSERTION_TYPE, **fields}
        headers = {"DPoP": self.proof("POST", path, **changes)}
        whole["client_assertion"] = rp.assertion(**(assertion or {}))
        return rp.http.post(rp.issuer + path, whole, headers=headers, timeout=20)

    def redeem(self, asked: Asked, code: str, **more: str | None) -> requests.Response:
        """Redeem a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.rp.redirect_uri, **more}
        return self.post("/token", {**form, "code_verifier": asked.code_verifier})

    def userinfo(
        self,
        token: str,
        scheme: str = "DPoP",
        *,
        sent: Mapping[str, str] | None = None,
        in_query: bool = False,
        **changes: Any,
    ) -> requests.Response:
        """Ask who logged in, with a proof for this token and these headers; `in_query`: the token is in the address."""
        headers = {"DPoP": self.proof("GET", "/userinfo", token, **changes), **(sent or {})}
        headers |= {} if in_query else {"Authorization": f"{scheme} {token}"}
        query = {"access_token": token} if in_query else None
        return self.rp.http.get(f"{self.rp.issuer}/userinfo", params=query, headers=headers, timeout=20)
