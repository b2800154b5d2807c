"""What VAD publishes of itself: discovery (OIDC Discovery, RFC 8414) and key sets (RFC 7517)."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.http import generate_etag, quote_etag

from vad.domain import standard_claims
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization_details import TYPES
from vad.domain.client import API_SCOPES
from vad.domain.errors import UnavailableError
from vad.domain.profile import MODERN_ENCRYPTION, Profiles
from vad.web.support.application import Application
from vad.web.support.metrics import ENDPOINT
from vad.web.support.services import Services, services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

blueprint = Blueprint("metadata", __name__)

_MAX_AGE = 300
"""Seconds that others may keep a document; a new key is published longer than this before its first use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What the discovery document follows from."""

    issuer: str
    profiles: Profiles
    scopes: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()
    """What tokens are signed with."""
    request_encryption: tuple[str, ...] = ()
    certificate_origin: str = ""
    standard_claims: bool = False
    """Whether people share claims about themselves (OIDC Core section 5.1)."""
    registers: bool = False
    """Whether apps register themselves."""


def discovery(known: Installation) -> dict[str, object]:
    """The discovery document: what this installation allows, and nothing else."""
    issuer, profiles = known.issuer, known.profiles
    key_management, content = (list(names) for names in profiles.answer_encryption)
    methods, assertions = list(profiles.client_authentication), list(profiles.assertion_algorithms)
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "introspection_endpoint": f"{issuer}/introspect",
        "revocation_endpoint": f"{issuer}/revoke",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "require_pushed_authorization_requests": profiles.pushed_request_required,
        "jwks_uri": f"{issuer}/jwks",
        "end_session_endpoint": f"{issuer}/logout",
        **({"registration_endpoint": f"{issuer}/register"} if known.registers else {}),
        "scopes_supported": ["openid", *known.scopes, *(standard_claims.OF_SCOPE if known.standard_claims else ())],
        "authorization_details_types_supported": list(TYPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": list(known.algorithms),
        "id_token_encryption_alg_values_supported": key_management,
        "id_token_encryption_enc_values_supported": content,
        "userinfo_signing_alg_values_supported": list(known.algorithms),
        "userinfo_encryption_alg_values_supported": key_management,
        "userinfo_encryption_enc_values_supported": content,
        "token_endpoint_auth_methods_supported": [*methods, *(["none"] if profiles.unproved_clients else [])],
        "token_endpoint_auth_signing_alg_values_supported": assertions,
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": assertions,
        "introspection_signing_alg_values_supported": list(known.algorithms),
        # Sources follow no profile.
        "introspection_encryption_alg_values_supported": list(dict(MODERN_ENCRYPTION)),
        "introspection_encryption_enc_values_supported": list(dict.fromkeys(enc for _, enc in MODERN_ENCRYPTION)),
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": assertions,
        **_certificates(profiles, known.certificate_origin),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(profiles.dpop_algorithms),
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
            "represents",
            "represented",
            *(standard_claims.NAMES if known.standard_claims else ()),
        ],
        "display_values_supported": ["page", "popup", "touch", "wap"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["nl", "en"],
        "claims_parameter_supported": True,
        "request_parameter_supported": bool(profiles.request_object_algorithms),
        "request_object_signing_alg_values_supported": list(profiles.request_object_algorithms),
        "require_signed_request_object": False,
        "request_object_encryption_alg_values_supported": list(known.request_encryption),
        "request_object_encryption_enc_values_supported": ["A256GCM", "A128CBC-HS256"],
        "request_uri_parameter_supported": profiles.request_uri,
        "require_request_uri_registration": True,
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
    }


def _certificates(profiles: Profiles, origin: str) -> dict[str, object]:
    """What is said of certificates (RFC 8705 sections 3.3 and 5); `origin`: where apps with one come, if elsewhere."""
    if not profiles.certificates:
        return {}
    aliases = {name: f"{origin}{path}" for name, path in _ALIASED.items()}
    bound = {"tls_client_certificate_bound_access_tokens": profiles.certificate_bound_tokens}
    return {**bound, **({"mtls_endpoint_aliases": aliases} if origin else {})}


_ALIASED = {
    "token_endpoint": "/token",
    "userinfo_endpoint": "/userinfo",
    "introspection_endpoint": "/introspect",
    "revocation_endpoint": "/revoke",
    "pushed_authorization_request_endpoint": "/par",
}


@blueprint.get("/.well-known/openid-configuration")
@blueprint.get("/.well-known/oauth-authorization-server")
def configuration() -> Response:
    """The discovery document."""
    return _document(_configuration(services()))


@blueprint.get("/jwks")
def jwks() -> Response:
    """The public keys that check VAD's signatures."""
    return _document(_jwks(services()))


@blueprint.get("/digid/jwks")
def digid_jwks() -> Response:
    """VAD's public keys as DigiD's client."""
    return _document(_digid_jwks(services()))


def answer_at_once(app: Application, known: Services) -> None:
    """Answer who plainly asks for a document without Flask: it is there already, and everybody asks for it.

    Whoever asks otherwise (under a condition, for the headers alone, with a query), or while a store is away, is
    answered by the views above.
    """

    def around(inside: "WSGIApplication") -> "WSGIApplication":
        def outside(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            document = _DOCUMENTS.get(path)
            plain = document is not None and environ["REQUEST_METHOD"] == "GET" and not environ["QUERY_STRING"]
            if document is None or not plain or "HTTP_IF_NONE_MATCH" in environ or environ.get("RAW_URI", path) != path:
                return inside(environ, start_response)
            endpoint, make = document
            try:
                body = make(known)
            except UnavailableError:
                return inside(environ, start_response)
            environ[ENDPOINT] = endpoint
            start_response("200 OK", [*_headers(body), ("Content-Length", str(len(body)))])
            return (body,)

        return outside

    app.surround(around)


def _configuration(known: Services) -> bytes:
    keys = known.documents()
    return _discovery(
        Installation(
            issuer=known.issuer,
            profiles=known.profiles,
            scopes=(*(service.id for service in known.registrations.data_services()), *sorted(API_SCOPES)),
            algorithms=keys.id_token_algorithms,
            request_encryption=keys.request_encryption,
            certificate_origin=known.certificate_origin,
            standard_claims=known.userinfo.shared.offered and known.profiles.standard_claims,
            registers=known.registration is not None,
        )
    )


def _jwks(known: Services) -> bytes:
    return known.documents().jwks


def _digid_jwks(known: Services) -> bytes:
    return known.documents().digid_jwks


_DOCUMENTS: Mapping[str, tuple[str, Callable[[Services], bytes]]] = {
    "/.well-known/openid-configuration": ("metadata.configuration", _configuration),
    "/.well-known/oauth-authorization-server": ("metadata.configuration", _configuration),
    "/jwks": ("metadata.jwks", _jwks),
    "/digid/jwks": ("metadata.digid_jwks", _digid_jwks),
}
"""By path: the name of the view that answers it too, and what is in it."""


@lru_cache(maxsize=8)
def _discovery(known: Installation) -> bytes:
    return json.dumps(discovery(known), separators=(",", ":")).encode()


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
