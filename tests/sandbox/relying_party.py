"""A small relying party for the tests of the mock DigiD: real keys, its own JWKS over HTTP, and a browser's session."""

import base64
import hashlib
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask, Response, jsonify
from joserfc import jwe, jws
from joserfc.jwk import ECKey

BSN = "999991772"
CALLBACK = "http://localhost:8100/digid/callback"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SUBSTANTIAL = "http://eidas.europa.eu/LoA/substantial"
VERIFIER = "v" * 43


def key(kid: str) -> ECKey:
    """Make a private P-256 key."""
    return ECKey.generate_key("P-256", {"kid": kid})


def challenge(verifier: str = VERIFIER) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Clock:
    """The time of day, which a test can move ahead."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        """Return seconds since 1970."""
        return time.time() + self.ahead


@dataclass
class RelyingParty:
    """What VAD is to DigiD: client `vad` with a key to sign with and a key to decrypt with."""

    issuer: str = ""
    signing: ECKey = field(default_factory=lambda: key("sig-1"))
    encryption: ECKey = field(default_factory=lambda: key("enc-1"))
    fetches: int = 0
    broken: bool = False
    browser: requests.Session = field(default_factory=requests.Session)

    def app(self) -> Flask:
        """Build the program that serves this client's key set."""
        app = Flask("relying_party")

        @app.get("/jwks")
        def jwks() -> Response:
            self.fetches += 1
            if self.broken:
                return Response(status=500)
            keys = [
                self.signing.as_dict(private=False) | {"use": "sig", "alg": "ES256"},
                self.encryption.as_dict(private=False) | {"use": "enc", "alg": "ECDH-ES"},
            ]
            return jsonify(keys=keys)

        return app

    def request(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of an authorization request; None leaves one out."""
        given: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "vad",
            "redirect_uri": CALLBACK,
            "scope": "openid",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            "acr_values": SUBSTANTIAL,
        }
        return {name: value for name, value in (given | changes).items() if value is not None}

    def authorize(self, parameters: dict[str, str] | list[tuple[str, str]] | None = None) -> requests.Response:
        """Send the browser to DigiD; redirects are not followed."""
        wanted = self.request() if parameters is None else parameters
        return self.browser.get(f"{self.issuer}/authorize", params=wanted, allow_redirects=False)

    def open_page(self, **changes: str | None) -> str:
        """Open the login page; returns its transaction."""
        response = self.authorize(self.request(**changes))
        assert response.status_code == 303
        page = self.browser.get(f"{self.issuer}{response.headers['Location']}")
        assert page.status_code == 200
        found = re.search(r'name="transactie" value="([^"]+)"', page.text)
        assert found
        return found[1]

    def submit(self, transaction: str, **changes: str) -> requests.Response:
        """Send the login form; redirects are not followed."""
        form = {"person": BSN, "bsn": "", "level": "substantieel", "outcome": "ok", "action": "login"}
        return self.browser.post(
            f"{self.issuer}/inloggen", data=form | changes | {"transactie": transaction}, allow_redirects=False
        )

    def code(self, **changes: str) -> str:
        """Log somebody in; returns the authorization code."""
        return answer(self.submit(self.open_page(), **changes))["code"]

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of a good client assertion; None leaves one out."""
        now = int(time.time())
        good = {
            "iss": "vad",
            "sub": "vad",
            "aud": f"{self.issuer}/token",
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def assertion(self, signing: ECKey | None = None, **changes: Any) -> str:
        """Return a signed client assertion."""
        chosen = signing or self.signing
        header = {"alg": "ES256", "kid": chosen.kid}
        return jws.serialize_compact(header, json.dumps(self.claims(**changes)), chosen, algorithms=["ES256"])

    def token(self, **changes: str | None) -> requests.Response:
        """Send a token request; None leaves a parameter out."""
        given: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion() if "client_assertion" not in changes else None,
        }
        form = {name: value for name, value in (given | changes).items() if value is not None}
        return requests.post(f"{self.issuer}/token", data=form, timeout=10)

    def opened(self, id_token: str) -> bytes:
        """Decrypt an ID token; returns the JWS inside."""
        opened = jwe.decrypt_compact(id_token, self.encryption, algorithms=["ECDH-ES", "A256GCM"])
        assert opened.headers()["cty"] == "JWT"
        assert opened.plaintext is not None
        return opened.plaintext

    def verified(self, signed: bytes) -> dict[str, Any]:
        """Check an ID token's signature against DigiD's own published keys; returns its claims."""
        published = requests.get(f"{self.issuer}/jwks", timeout=10).json()["keys"][0]
        assert "d" not in published
        claims = json.loads(jws.deserialize_compact(signed, ECKey.import_key(published), algorithms=["ES256"]).payload)
        assert isinstance(claims, dict)
        return claims


def answer(response: requests.Response) -> dict[str, str]:
    """Return the parameters with which DigiD sends the browser back to the client."""
    assert response.status_code == 303
    location = urlsplit(response.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == CALLBACK
    return {name: values[0] for name, values in parse_qs(location.query).items()}
