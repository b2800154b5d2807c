"""An issuer for tests: its keys, its metadata over HTTP, and any token a test wants, right or wrong."""

import base64
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from flask import Flask
from joserfc import jwe
from joserfc.jwk import ECKey, Key, RSAKey

BSN = "999991772"
BSN_TYPE = "urn:nl-eid-gdi:1.0:id:BSN"


def signing_key(kid: str) -> Key:
    """Make a private signing key: RSA for RS256 when the id begins with "rsa", else P-256 for ES256."""
    if kid.startswith("rsa"):
        return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


@cache
def _own_keys() -> dict[str, Key]:
    """Make the keys of every issuer that was given none: once, because RSA keys take a while to make."""
    return {"ec": signing_key("ec"), "rsa": signing_key("rsa")}


@dataclass
class FakeIssuer:
    """One issuer; `url` is set once it is served. `keys` are its private signing keys by key id."""

    url: str = "http://localhost:1"
    keys: dict[str, Key] = field(default_factory=lambda: dict(_own_keys()))
    fetches: int = 0

    def public(self) -> dict[str, dict[str, Any]]:
        """Give its public JWKs by key id."""
        return {kid: dict(key.as_dict(private=False)) for kid, key in self.keys.items()}

    def app(self) -> Flask:
        """Serve discovery and keys, counting how often the keys are fetched."""
        app = Flask("fake_issuer")

        @app.get("/.well-known/openid-configuration")
        def discovery() -> dict[str, Any]:
            return {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "introspection_endpoint": f"{self.url}/introspect",
            }

        @app.get("/jwks")
        def jwks() -> dict[str, Any]:
            self.fetches += 1
            return {"keys": list(self.public().values())}

        return app

    def sign(self, claims: Mapping[str, Any], key_id: str = "ec", /, **header: Any) -> str:
        """Sign `claims` with one of the keys; `header` replaces or adds to typ, kid and alg."""
        key = self.keys[key_id]
        alg = header.pop("alg", key.as_dict()["alg"])
        return jwt.encode(
            dict(claims), jwt.PyJWK(key.as_dict(private=True), alg), alg, {"typ": "at+jwt", "kid": key_id} | header
        )

    def claims(self, audience: str, key: Key, **changes: Any) -> dict[str, Any]:
        """Give the claims of a good access token for one source; `changes` replace them, and None leaves one out."""
        now = int(time.time())
        jti = changes.get("jti", secrets.token_urlsafe(16))
        claims = {
            "iss": self.url,
            "aud": audience,
            "client_id": "pgo-demo",
            "azp": "pgo-demo",
            "sub": "pairwise",
            "scope": "48 63",
            "acr": "http://eidas.europa.eu/LoA/substantial",
            "auth_time": now,
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": jti,
            "authorization_details": [{"type": "nl.vad.representation", "basis": "self", "locations": [audience]}],
            "subject_identifier": inner(key, sub=BSN, sub_id_type=BSN_TYPE, aud=audience, jti=jti),
        } | changes
        return {name: value for name, value in claims.items() if value is not None}


def encryption_key(kid: str = "enc") -> Key:
    """Make a data source's own private key."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "enc"})


def inner(key: Key, *, alg: str = "ECDH-ES", enc: str = "A256GCM", **content: Any) -> str:
    """Encrypt what only the data source may read."""
    header = {"alg": alg, "enc": enc, "kid": key.kid}
    return jwe.encrypt_compact(header, json.dumps(content), key, algorithms=[alg, enc])


def unsigned(claims: Mapping[str, Any], **header: Any) -> str:
    """Give a token with `alg: none` and an empty signature."""

    def part(value: Mapping[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'at+jwt', 'kid': 'ec'} | header)}.{part(claims)}."
