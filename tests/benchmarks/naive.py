"""The naive server: OIDC as one builds it from the documentation of Authlib, Flask and SQLAlchemy.

Not slow on purpose, and not a bad server either. All in PostgreSQL, an ORM session for each request (which is what
Flask-SQLAlchemy gives), whatever is needed queried where it is needed, keys read where they are used. It authenticates
its callers as the floor does, and signs with ES256. Frozen, as the floor is.
"""

import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector, current_token
from authlib.integrations.sqla_oauth2 import (
    create_bearer_token_validator,
    create_query_client_func,
    create_query_token_func,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import InvalidGrantError, grants
from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, abort, jsonify, request, session
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from tests.benchmarks.naive_models import Client, Code, Consent, Model, Token, UsedAssertion, User

LIFE = 300
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_METHOD = "private_key_jwt"


def application() -> Flask:
    """For gunicorn, which hands the configuration over in the environment."""
    return create(json.loads(os.environ["NAIVE"]))


def fill(known: dict[str, Any], people: int) -> None:
    """Make the tables, the client, and people (`user0`, `user1` …) with a consent that stands."""
    engine = create_engine(known["database"])
    Model.metadata.create_all(engine)
    with sessionmaker(engine)() as db:
        client = Client(client_id=known["client_id"])
        metadata = {
            "redirect_uris": [known["redirect_uri"]],
            "grant_types": ["authorization_code", "refresh_token", EXCHANGE],
            "response_types": ["code"],
            "scope": known["scope"],
            "token_endpoint_auth_method": _METHOD,
            "jwks": {"keys": [known["client_key"]]},
            "id_token_signed_response_alg": "ES256",
        }
        client.set_client_metadata(metadata)
        db.add(client)
        for number in range(people):
            user = User(username=f"user{number}", name="Frouke Jansen", age=42, bsn="999991772")
            db.add(user)
            db.flush()
            db.add(Consent(user_id=user.id, client_id=known["client_id"], scope=known["scope"]))
        db.commit()
    engine.dispose()
    Path(known["key_file"]).write_bytes(ECKey.generate_key("P-256").as_pem(private=True))


def create(known: dict[str, Any]) -> Flask:
    """Make the server. `known`: issuer, database, key_file, client_id, source, source_key; the rest is for `fill`."""
    app = Flask("naive")
    app.secret_key = secrets.token_bytes(32)
    app.config["OAUTH2_REFRESH_TOKEN_GENERATOR"] = True
    db = scoped_session(sessionmaker(create_engine(known["database"])))

    @app.teardown_appcontext
    def give_back(_error: BaseException | None) -> None:
        db.remove()

    server = AuthorizationServer(app, create_query_client_func(db, Client), create_save_token_func(db, Token))
    server.register_client_auth_method(_METHOD, _assertions(known, db))
    server.register_grant(_code_grant(db), [_id_tokens(known, db), CodeChallenge(required=True)])
    server.register_grant(_refresh_grant(db))
    server.register_grant(_exchange_grant(known, db))
    server.register_endpoint(_introspection(known, db))
    protector = ResourceProtector()
    protector.register_token_validator(create_bearer_token_validator(db, Token)())
    _routes(app, known, db, server, protector)
    return app


def _routes(app: Flask, known: dict[str, Any], db: Any, server: Any, protector: Any) -> None:
    issuer = known["issuer"]

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        return jsonify(issuer=issuer, token_endpoint=f"{issuer}/token", jwks_uri=f"{issuer}/jwks")

    @app.get("/jwks")
    def jwks() -> Response:
        return jsonify(keys=[_key(known).as_dict(private=False)])

    @app.post("/login")
    def login() -> Response:
        session["id"] = db.query(User).filter_by(username=request.form["username"]).one().id
        return Response(status=204)

    @app.get("/authorize")
    def authorize() -> Any:
        user = db.get(User, session["id"]) if "id" in session else None
        if user is None:
            abort(401)
        grant = server.get_consent_grant(end_user=user)
        asked = {"user_id": user.id, "client_id": grant.client.client_id, "scope": grant.request.scope}
        if db.query(Consent).filter_by(**asked).first() is None:
            abort(403)
        return server.create_authorization_response(grant=grant, grant_user=user)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.post("/introspect")
    def introspect() -> Any:
        return server.create_endpoint_response("introspection")

    @app.get("/userinfo")
    @protector("openid")
    def userinfo() -> Response:
        user = current_token.user
        return jsonify(sub=str(user.id), person={"name": user.name, "age": user.age})


def _key(known: dict[str, Any]) -> ECKey:
    return ECKey.import_key(Path(known["key_file"]).read_bytes(), {"kid": "naive"})


def _assertions(known: dict[str, Any], db: Any) -> Any:
    class Assertions(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib has no types
        CLIENT_AUTH_METHOD = _METHOD

        def get_audiences(self) -> list[str]:
            return [f"{known['issuer']}/token"]

        def validate_jti(self, _claims: dict[str, Any], jti: str) -> bool:
            if db.get(UsedAssertion, jti) is not None:
                return False
            db.add(UsedAssertion(jti=jti, used_at=int(time.time())))
            db.commit()
            return True

        def resolve_client_public_key(self, client: Client) -> KeySet:
            return KeySet.import_key_set(client.jwks)

    return Assertions()


def _code_grant(db: Any) -> Any:
    class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = (_METHOD,)

        def save_authorization_code(self, code: str, asked: Any) -> None:
            data = asked.payload.data
            item = Code(
                code=code,
                client_id=asked.client.client_id,
                redirect_uri=asked.payload.redirect_uri,
                scope=asked.scope,
                user_id=asked.user.id,
                nonce=data.get("nonce"),
                code_challenge=data.get("code_challenge"),
                code_challenge_method=data.get("code_challenge_method"),
            )
            db.add(item)
            db.commit()

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            item: Code | None = db.query(Code).filter_by(code=code, client_id=client.client_id).first()
            return None if item is None or item.is_expired() else item

        def delete_authorization_code(self, authorization_code: Code) -> None:
            db.delete(authorization_code)
            db.commit()

        def authenticate_user(self, authorization_code: Code) -> User | None:
            user: User | None = db.get(User, authorization_code.user_id)
            return user

    return AuthorizationCodeGrant


def _id_tokens(known: dict[str, Any], db: Any) -> Any:
    class IdTokens(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, asked: Any) -> bool:
            kept = db.query(Code).filter_by(client_id=asked.payload.client_id, nonce=nonce)
            return kept.first() is not None

        def resolve_client_private_key(self, _client: Client) -> ECKey:
            return _key(known)

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            return {"iss": known["issuer"], "aud": [client.client_id]}

        def generate_user_info(self, user: User, _scope: str) -> Any:
            return UserInfo(sub=str(user.id), name=user.name)

    return IdTokens(require_nonce=True)


def _refresh_grant(db: Any) -> Any:
    class RefreshTokenGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = (_METHOD,)
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
            item: Token | None = db.query(Token).filter_by(refresh_token=refresh_token).first()
            return None if item is None or item.is_revoked() else item

        def authenticate_user(self, credential: Token) -> User | None:
            user: User | None = db.get(User, credential.user_id)
            return user

        def revoke_old_credential(self, credential: Token) -> None:
            credential.access_token_revoked_at = credential.refresh_token_revoked_at = int(time.time())
            db.commit()

    return RefreshTokenGrant


def _exchange_grant(known: dict[str, Any], db: Any) -> Any:
    class TokenExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
        """RFC 8693, which Authlib has not: in the manner of its grants."""

        GRANT_TYPE = EXCHANGE
        TOKEN_ENDPOINT_AUTH_METHODS = (_METHOD,)

        def validate_token_request(self) -> None:
            client = self.authenticate_token_endpoint_client()
            subject = self.request.form["subject_token"]
            token: Token | None = db.query(Token).filter_by(access_token=subject, client_id=client.client_id).first()
            if token is None or token.is_expired() or token.is_revoked():
                raise InvalidGrantError
            self.request.client, self.request.user = client, token.user

        def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
            user, now = self.request.user, int(time.time())
            header = {"alg": "ECDH-ES", "enc": "A256GCM"}
            sealed = jwe.encrypt_compact(header, user.bsn, ECKey.import_key(known["source_key"]))
            claims = {"iss": known["issuer"], "aud": known["source"], "sub": str(user.id), "subject_identifier": sealed}
            claims |= {"client_id": self.request.client.client_id, "iat": now, "exp": now + LIFE}
            claims["jti"] = secrets.token_urlsafe(16)
            signed = jwt.encode({"alg": "ES256", "kid": "naive", "typ": "at+jwt"}, claims, _key(known), ["ES256"])
            token = {"access_token": signed, "token_type": "Bearer", "expires_in": LIFE}
            self.save_token(token)
            return 200, token, self.TOKEN_RESPONSE_HEADER

    return TokenExchangeGrant


def _introspection(known: dict[str, Any], db: Any) -> Any:
    class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
        CLIENT_AUTH_METHODS = (_METHOD,)

        def query_token(self, token: str, hint: str | None) -> Any:
            return create_query_token_func(db, Token)(token, hint)

        def check_permission(self, token: Token, client: Client, _asked: Any) -> bool:
            return bool(token.client_id == client.client_id)

        def introspect_token(self, token: Token) -> dict[str, Any]:
            expires = token.issued_at + token.expires_in
            mine = {"client_id": token.client_id, "scope": token.scope, "exp": expires, "iat": token.issued_at}
            return {"active": True, "sub": str(token.user_id), "iss": known["issuer"], **mine}

    return Introspection
