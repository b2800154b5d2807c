"""What VAD publishes of itself: discovery (OIDC Discovery, RFC 8414) and key sets (RFC 7517)."""

import json
from functools import lru_cache

from flask import Blueprint, Response, request
from werkzeug.http import generate_etag, quote_etag

from vad.domain.assurance import LevelOfAssurance
from vad.web.support.services import services

blueprint = Blueprint("metadata", __name__)

_MAX_AGE = 300
"""Seconds that others may keep a document; a new key is published longer than this before its first use."""


def discovery(
    issuer: str, scopes: tuple[str, ...], algorithms: tuple[str, ...], assertions: tuple[str, ...]
) -> dict[str, object]:
    """The discovery document: what this installation allows, and nothing else."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "introspection_endpoint": f"{issuer}/introspect",
        "revocation_endpoint": f"{issuer}/revoke",
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/logout",
        "scopes_supported": ["openid", *scopes],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": list(algorithms),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": list(assertions),
        "introspection_endpoint_auth_methods_supported": ["private_key_jwt"],
        "introspection_endpoint_auth_signing_alg_values_supported": list(assertions),
        "revocation_endpoint_auth_methods_supported": ["private_key_jwt"],
        "revocation_endpoint_auth_signing_alg_values_supported": list(assertions),
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [level.uri for level in LevelOfAssurance if level > LevelOfAssurance.BASIS],
        "claims_supported": [
            "iss",
            "sub",
            "aud",
            "exp",
            "iat",
            "auth_time",
            "nonce",
            "acr",
            "sid",
            "sub_id_type",
            "person",
        ],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["nl", "en"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


@blueprint.get("/.well-known/openid-configuration")
@blueprint.get("/.well-known/oauth-authorization-server")
def configuration() -> Response:
    """The discovery document."""
    scopes = tuple(service.id for service in services().registrations.data_services())
    known = services()
    return _document(
        _discovery(known.issuer, scopes, known.documents().id_token_algorithms, known.client_assertion_algorithms)
    )


@blueprint.get("/jwks")
def jwks() -> Response:
    """The public keys that check VAD's signatures."""
    return _document(services().documents().jwks)


@blueprint.get("/digid/jwks")
def digid_jwks() -> Response:
    """VAD's public keys as DigiD's client."""
    return _document(services().documents().digid_jwks)


@lru_cache(maxsize=8)
def _discovery(issuer: str, scopes: tuple[str, ...], algorithms: tuple[str, ...], assertions: tuple[str, ...]) -> bytes:
    return json.dumps(discovery(issuer, scopes, algorithms, assertions), separators=(",", ":")).encode()


def _document(body: bytes) -> Response:
    response = Response(body, headers=_headers(body))
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response


@lru_cache(maxsize=8)
def _headers(body: bytes) -> tuple[tuple[str, str], ...]:
    """Made once per document: they change with the keys and the registrations, and are asked for all the time."""
    return (
        ("Content-Type", "application/json"),
        ("Cache-Control", f"public, max-age={_MAX_AGE}"),
        ("Access-Control-Allow-Origin", "*"),
        ("ETag", quote_etag(generate_etag(body))),
    )
