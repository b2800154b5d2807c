"""The floor: what the protocol asks and nothing else. No SQL, no audit, no consent, no limits, no checks of a person.

Frozen: it is what VAD is measured against, so it changes only together with the figures in docs/performance.md.
"""

import json
import os
import secrets
import time
from typing import Any

import redis
from flask import Flask, Response, jsonify, request
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from werkzeug.exceptions import BadRequest, Unauthorized

LIFE = 300
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


def application() -> Flask:
    """For gunicorn, which hands the configuration over in the environment."""
    return create(json.loads(os.environ["FLOOR"]))


def create(known: dict[str, Any]) -> Flask:
    """Make the server. `known`: issuer, redis, client_id, client_key, source, source_key."""
    return _Floor(known).app


class _Floor:
    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known
        self.store = redis.Redis.from_url(known["redis"], decode_responses=True)
        self.key = ECKey.generate_key("P-256", {"kid": "floor"})
        self.client = ECKey.import_key(known["client_key"])
        self.source = ECKey.import_key(known["source_key"])
        issuer = known["issuer"]
        self.discovery = json.dumps(
            {"issuer": issuer, "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/jwks"}
        )
        self.jwks = json.dumps({"keys": [self.key.as_dict(private=False)]})
        self.app = Flask("floor")
        self.app.get("/.well-known/openid-configuration", endpoint="discovery")(lambda: _document(self.discovery))
        self.app.get("/jwks", endpoint="jwks")(lambda: _document(self.jwks))
        self.app.post("/token")(self.token)
        self.app.post("/introspect")(self.introspect)
        self.app.get("/userinfo")(self.userinfo)

    def token(self) -> Response:
        """Refresh, or exchange for a source's token."""
        self.authenticate()
        if request.form["grant_type"] == _EXCHANGE:
            return self.exchange()
        grant = self.store.getdel(f"refresh:{request.form['refresh_token']}")
        if grant is None:
            raise BadRequest
        fresh = secrets.token_urlsafe(32)
        self.store.set(f"refresh:{fresh}", str(grant), ex=3600)
        return jsonify(access_token=self.sign(str(grant), self.known["issuer"]), refresh_token=fresh, expires_in=LIFE)

    def exchange(self) -> Response:
        """RFC 8693, with the person's identifier sealed to the source."""
        grant, person = self.living(request.form["subject_token"])
        sealed = jwe.encrypt_compact({"alg": "ECDH-ES", "enc": "A256GCM"}, person["bsn"], self.source)
        return jsonify(access_token=self.sign(grant, self.known["source"], sealed), expires_in=LIFE)

    def introspect(self) -> Response:
        """RFC 7662."""
        self.authenticate()
        grant, _ = self.living(request.form["token"])
        return jsonify(active=True, sub=grant, client_id=self.known["client_id"])

    def userinfo(self) -> Response:
        """OIDC Core section 5.3."""
        grant, person = self.living(request.headers["Authorization"].removeprefix("Bearer "))
        return jsonify(sub=grant, person={"name": person["name"], "age": person["age"]})

    def authenticate(self) -> None:
        """private_key_jwt: signature, audience, life, and never twice."""
        claims = _claims(request.form["client_assertion"], self.client)
        good = claims["iss"] == claims["sub"] == self.known["client_id"]
        if not good or claims["aud"] != f"{self.known['issuer']}/token" or claims["exp"] < time.time():
            raise Unauthorized
        if not self.store.set(f"jti:{claims['jti']}", 1, nx=True, ex=120):
            raise Unauthorized

    def living(self, token: str) -> tuple[str, dict[str, Any]]:
        """The grant behind an access token, and its person."""
        claims = _claims(token, self.key)
        kept = self.store.get(f"grant:{claims['sub']}")
        if kept is None or claims["exp"] < time.time():
            raise Unauthorized
        return claims["sub"], json.loads(str(kept))

    def sign(self, grant: str, audience: str, sealed: str | None = None) -> str:
        """Sign an access token (RFC 9068)."""
        now = int(time.time())
        claims = {
            "iss": self.known["issuer"],
            "aud": audience,
            "sub": grant,
            "client_id": self.known["client_id"],
            "iat": now,
            "exp": now + LIFE,
            "jti": secrets.token_urlsafe(16),
            "subject_identifier": sealed,
        }
        return jwt.encode({"alg": "ES256", "kid": "floor", "typ": "at+jwt"}, claims, self.key, algorithms=["ES256"])


def _claims(token: str, key: ECKey) -> dict[str, Any]:
    try:
        return dict(jwt.decode(token, key, algorithms=["ES256"]).claims)
    except (JoseError, ValueError) as error:
        raise Unauthorized from error


def _document(body: str) -> Response:
    return Response(body, mimetype="application/json", headers={"Cache-Control": "public, max-age=300"})
