"""The floor: what the protocol asks and nothing else. No SQL, no audit, no consent, no limits, no checks of a person.

Frozen: it is what VAD is measured against, so it changes only together with the figures in docs/performance.md.
"""

import base64
import hashlib
import json
import os
import secrets
import time
from typing import Any
from urllib.parse import urlencode

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
    """Make the server. `known`: issuer, redis, client_id, redirect_uri, client_key, source, source_key."""
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
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)
        self.app.post("/introspect")(self.introspect)
        self.app.get("/userinfo")(self.userinfo)

    def authorize(self) -> Response:
        """OIDC Core section 3.1.2, for a browser that has a session; PKCE (RFC 7636) and `iss` (RFC 9207)."""
        asked, issuer = request.args, self.known["issuer"]
        known = asked["client_id"] == self.known["client_id"] and asked["redirect_uri"] == self.known["redirect_uri"]
        if not known or asked["response_type"] != "code" or asked["code_challenge_method"] != "S256":
            raise BadRequest
        grant = self.store.get(f"session:{request.cookies['session']}")
        if grant is None:
            raise Unauthorized
        code = secrets.token_urlsafe(32)
        kept = {"grant": grant, "challenge": asked["code_challenge"], "nonce": asked["nonce"]}
        self.store.set(f"code:{code}", json.dumps(kept), ex=60)
        answer = urlencode({"code": code, "state": asked["state"], "iss": issuer})
        return Response(status=303, headers={"Location": f"{self.known['redirect_uri']}?{answer}"})

    def token(self) -> Response:
        """Redeem a code, refresh, or exchange for a source's token."""
        self.authenticate()
        match request.form["grant_type"]:
            case "authorization_code":
                return self.redeem()
            case "refresh_token":
                return self.refresh()
            case _:
                return self.exchange()

    def redeem(self) -> Response:
        """OIDC Core section 3.1.3."""
        kept = self.store.getdel(f"code:{request.form['code']}")
        verifier = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        if kept is None or request.form["redirect_uri"] != self.known["redirect_uri"]:
            raise BadRequest
        code = json.loads(str(kept))
        if base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != code["challenge"]:
            raise BadRequest
        now = int(time.time())
        claims = {"iss": self.known["issuer"], "aud": self.known["client_id"], "sub": code["grant"]}
        claims |= {"iat": now, "exp": now + LIFE, "nonce": code["nonce"]}
        header = {"alg": "ES256", "kid": "floor"}
        return self.issue(code["grant"], id_token=jwt.encode(header, claims, self.key, algorithms=["ES256"]))

    def refresh(self) -> Response:
        """RFC 6749 section 6, with rotation."""
        grant = self.store.getdel(f"refresh:{request.form['refresh_token']}")
        if grant is None:
            raise BadRequest
        return self.issue(str(grant))

    def issue(self, grant: str, **more: str) -> Response:
        """An access token of the issuer's own, and the refresh token that comes next."""
        fresh = secrets.token_urlsafe(32)
        self.store.set(f"refresh:{fresh}", grant, ex=3600)
        access_token = self.sign(grant, self.known["issuer"])
        return jsonify(access_token=access_token, refresh_token=fresh, expires_in=LIFE, **more)

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
