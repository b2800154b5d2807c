"""What VAD publishes of itself: discovery (OIDC Discovery, RFC 8414) and key sets (RFC 7517)."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.http import generate_etag, quote_etag

from vad.domain.errors import UnavailableError
from vad.web.oidc.discovery import Installation, discovery
from vad.web.support.application import Application
from vad.web.support.metrics import ENDPOINT
from vad.web.support.services import Services, SignMetadata, services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

blueprint = Blueprint("metadata", __name__)

_MAX_AGE = 300
"""Seconds that others may keep a document; a new key is published longer than this before its first use."""


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
            data_services=tuple(service.id for service in known.registrations.data_services()),
            algorithms=keys.id_token_algorithms,
            request_encryption=keys.request_encryption,
            certificate_origin=known.certificate_origin,
            standard_claims=known.userinfo.shared.offered and known.profiles.standard_claims,
            registers=known.registration is not None,
        ),
        keys.sign_metadata,
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


# One, so that nothing holds on to a key that was destroyed.
@lru_cache(maxsize=1)
def _discovery(known: Installation, sign: SignMetadata) -> bytes:
    members = discovery(known)
    return json.dumps({**members, "signed_metadata": sign(known.issuer, members)}, separators=(",", ":")).encode()


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
