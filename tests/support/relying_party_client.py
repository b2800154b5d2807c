"""A relying party made of nothing but HTTP and keys: it can do everything right, and every single thing wrong."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from joserfc import jwt
from joserfc.jwk import ECKey, KeyParameters, RSAKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


@dataclass
class Asked:
    """One authorization request as it was sent, and what belongs to it."""

    parameters: list[tuple[str, str]]
    code_verifier: str
    url: str


@dataclass
class RelyingParty:
    """One registered client. `key` is its private JWK."""

    issuer: str
    client_id: str
    redirect_uri: str
    key: Mapping[str, Any]
    audience: str = ""
    """What its assertions are for; empty: the token endpoint."""
    http: requests.Session = field(default_factory=requests.Session)

    def ask(self, *, resources: tuple[str, ...] = (), scope: str = "openid", **changes: str | None) -> Asked:
        """Compose an authorization request. `changes` replace parameters; None leaves one out."""
        verifier = secrets.token_urlsafe(48)
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": scope,
            "state": secrets.token_urlsafe(16),
            "nonce": secrets.token_urlsafe(16),
            "code_challenge": s256(verifier),
            "code_challenge_method": "S256",
            **changes,
        }
        pairs = [(name, value) for name, value in parameters.items() if value is not None]
        pairs += [("resource", resource) for resource in resources]
        return Asked(pairs, verifier, f"{self.issuer}/authorize?{urlencode(pairs)}")

    def assertion(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """Sign a client assertion. `changes` replace claims; None leaves one out."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.audience or f"{self.issuer}/token",
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
            **changes,
        }
        present = {name: value for name, value in claims.items() if value is not None}
        return sign(present, self.key, header)

    def token(self, form: Mapping[str, Any], **changes: Any) -> requests.Response:
        """Call the token endpoint, authenticated. `changes` replace form fields; None leaves one out."""
        return self._post("token", form, changes)

    def _post(self, endpoint: str, form: Mapping[str, Any], changes: Mapping[str, Any]) -> requests.Response:
        fields: dict[str, Any] = {
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion(),
            **form,
            **changes,
        }
        present = {name: value for name, value in fields.items() if value is not None}
        return self.http.post(f"{self.issuer}/{endpoint}", data=present, timeout=20)

    def introspect(self, token: str, **changes: Any) -> requests.Response:
        """Ask whether a token holds."""
        return self._post("introspect", {"token": token}, changes)

    def revoke(self, token: str, **changes: Any) -> requests.Response:
        """Give a token back."""
        return self._post("revoke", {"token": token}, changes)

    def userinfo(self, token: str) -> requests.Response:
        """Ask who logged in."""
        return self.http.get(f"{self.issuer}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=20)

    def redeem(self, asked: Asked, code: str, **changes: Any) -> requests.Response:
        """Redeem a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": asked.code_verifier,
        }
        return self.token(form, **changes)

    def refresh(self, refresh_token: str, **changes: Any) -> requests.Response:
        """Refresh."""
        return self.token({"grant_type": "refresh_token", "refresh_token": refresh_token}, **changes)

    def exchange(self, subject_token: str, resource: str, **changes: Any) -> requests.Response:
        """Exchange the issuer's own access token for a source's."""
        form = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": subject_token,
            "subject_token_type": ACCESS_TOKEN,
            "resource": resource,
        }
        return self.token(form, **changes)


def s256(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def sign(claims: Mapping[str, Any], key: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    """Sign claims with a private JWK; its own `alg` unless the header says otherwise."""
    chosen = {"alg": key.get("alg", "ES256"), "kid": key.get("kid"), **(header or {})}
    loaded = RSAKey.import_key(dict(key)) if key["kty"] == "RSA" else ECKey.import_key(dict(key))
    present = {name: value for name, value in chosen.items() if value is not None}
    return jwt.encode(present, dict(claims), loaded, algorithms=[chosen["alg"]])


def new_key(kid: str = "test", **members: str) -> dict[str, Any]:
    """A fresh private JWK on P-256."""
    key = ECKey.generate_key("P-256", cast("KeyParameters", {"kid": kid, **members}))
    return dict(key.as_dict(private=True))


def public(key: Mapping[str, Any]) -> dict[str, Any]:
    """The public half of a private JWK on P-256."""
    return dict(ECKey.import_key(dict(key)).as_dict(private=False))


def answer_of(url: str) -> dict[str, str]:
    """The parameters that came back to the redirect URI; each once."""
    pairs = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    found = dict(pairs)
    assert len(found) == len(pairs), "a parameter came back twice"
    return found


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWS, unverified."""
    return dict(json.loads(_decoded(token.split(".")[1])))


def header_of(token: str) -> dict[str, Any]:
    """The header of a JWS or JWE."""
    return dict(json.loads(_decoded(token.split(".", maxsplit=1)[0])))


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
