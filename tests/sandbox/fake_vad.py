"""A tiny authorization server for tests of the demo PGO: it says yes at once, unless a test tells it otherwise."""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt
from flask import Flask, Response, jsonify, redirect, request
from joserfc.jwk import Key
from werkzeug.wrappers import Response as BaseResponse

from tests.sandbox.fake_issuer import BSN, BSN_TYPE, FakeIssuer, inner

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"


def half_hash(token: str) -> str:
    """Give `at_hash` (OpenID Connect Core 1.0, section 3.1.3.6)."""
    digest = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass
class FakeVad:
    """The server. `answer` and `id_token` change what is sent back; `lifetime` is that of its tokens, in seconds."""

    issuer: FakeIssuer
    client_key: dict[str, Any]
    sources: dict[str, tuple[str, Key]] = field(default_factory=dict)
    answer: dict[str, str] = field(default_factory=dict)
    id_token: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = field(
        default_factory=lambda: {"sub": "pairwise", "person": {"name": "Frouke Jansen", "age": 50}}
    )
    """What it tells about the person; None: a register is away."""
    refused: frozenset[str] = frozenset()
    scope: str | None = None
    lifetime: int = 300
    acr: str = "http://eidas.europa.eu/LoA/substantial"
    login_age: int = 0
    """How people logged in, and how many seconds ago, unless `acr_values` or `max_age` was asked."""
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    grants: list[tuple[str, str | None]] = field(default_factory=list)
    assertions: set[str] = field(default_factory=set)
    refresh_token: str = ""

    def app(self) -> Flask:
        """Serve discovery, keys, authorize and token."""
        app = self.issuer.app()

        @app.get("/.well-known/openid-configuration", endpoint="metadata")
        def metadata() -> dict[str, Any]:
            names = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint")
            return {"issuer": self.issuer.url, "jwks_uri": f"{self.issuer.url}/jwks"} | {
                name: f"{self.issuer.url}/{name}" for name in names
            }

        app.view_functions["discovery"] = metadata
        app.add_url_rule("/authorization_endpoint", view_func=self.authorize)
        app.add_url_rule("/token_endpoint", view_func=self.token, methods=["POST"])
        app.add_url_rule("/userinfo_endpoint", view_func=self.about)
        return app

    def authorize(self) -> BaseResponse:
        """Send the browser back at once, with a code or with what the test wants."""
        self.asked.append(request.args.to_dict(flat=False))
        back = {"code": "the-code", "state": request.args["state"], "iss": self.issuer.url}
        sent = {name: value for name, value in (back | self.answer).items() if value}
        return redirect(f"{request.args['redirect_uri']}?{urlencode(sent)}", 303)

    def token(self) -> tuple[Response, int] | Response:
        """Answer the three grants, for a client that proves itself."""
        self._check_client()
        form = request.form
        resource = form.get("resource")
        self.grants.append((form["grant_type"], resource))
        if resource in self.refused:
            return jsonify(error="access_denied", error_description="<b>never shown</b>"), 400
        if form["grant_type"] == "authorization_code":
            return jsonify(self._login(form["code_verifier"]))
        if form["grant_type"] == "refresh_token":
            assert form["refresh_token"] == self.refresh_token
            return jsonify(self._tokens(resource))
        assert form["subject_token_type"] == ACCESS_TOKEN
        assert jwt.decode_complete(form["subject_token"], options={"verify_signature": False})
        return jsonify(self._access(resource) | {"issued_token_type": ACCESS_TOKEN})

    def about(self) -> tuple[Response, int] | Response:
        """Answer userinfo, for a token of the server itself."""
        token = request.headers["Authorization"].removeprefix("Bearer ")
        claims = jwt.decode_complete(token, options={"verify_signature": False})["payload"]
        assert claims["aud"] == self.issuer.url
        if self.userinfo is None:
            return jsonify(error="temporarily_unavailable"), 503
        return jsonify(self.userinfo)

    def _check_client(self) -> None:
        form = request.form
        assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        claims = jwt.decode_complete(
            form["client_assertion"],
            jwt.PyJWK(self.client_key),
            algorithms=["ES256"],
            audience=f"{self.issuer.url}/token_endpoint",
        )["payload"]
        assert claims["iss"] == claims["sub"] == "pgo-demo"
        assert claims["exp"] - claims["iat"] <= 300
        assert claims["jti"] not in self.assertions
        self.assertions.add(claims["jti"])

    def _login(self, verifier: str) -> dict[str, Any]:
        asked = self.asked[-1]
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert asked["code_challenge"] == [challenge]
        assert asked["code_challenge_method"] == ["S256"]
        tokens = self._tokens(None)
        now = int(time.time())
        claims = {
            "iss": self.issuer.url,
            "aud": "pgo-demo",
            "azp": "pgo-demo",
            "sub": "pairwise",
            "nonce": asked["nonce"][0],
            "iat": now,
            "exp": now + 300,
            "at_hash": half_hash(tokens["access_token"]),
        }
        claims |= self._logged_in() | self.id_token
        claims = {name: value for name, value in claims.items() if value is not None}
        return tokens | {"id_token": self.issuer.sign(claims, typ="JWT")}

    def _logged_in(self) -> dict[str, Any]:
        """As was asked for, which no real server does without a person."""
        asked = self.asked[-1]
        (acr,) = asked.get("acr_values", [self.acr])
        return {"acr": acr, "auth_time": int(time.time()) - (0 if "max_age" in asked else self.login_age)}

    def _tokens(self, resource: str | None) -> dict[str, Any]:
        self.refresh_token = secrets.token_urlsafe(32)
        return self._access(resource) | {"refresh_token": self.refresh_token}

    def _access(self, resource: str | None) -> dict[str, Any]:
        scope = self.scope or self.asked[-1]["scope"][0]
        if resource is None:
            now = int(time.time())
            claims = {"iss": self.issuer.url, "aud": self.issuer.url, "iat": now, "exp": now + self.lifetime}
        else:
            scope, key = self.sources[resource]
            jti = secrets.token_urlsafe(16)
            hidden = inner(key, sub=BSN, sub_id_type=BSN_TYPE, aud=resource, jti=jti)
            login = self._logged_in()
            claims = self.issuer.claims(resource, key, jti=jti, scope=scope, subject_identifier=hidden, **login)
        return {
            "access_token": self.issuer.sign(claims),
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "scope": scope,
        }
