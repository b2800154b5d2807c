"""The OpenAPI document of the API, and the checking of what comes in against it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, current_app, request
from pydantic import ValidationError
from spectree import SpecTree
from werkzeug.http import generate_etag, quote_etag

from vad.domain.client import MANDATES_SCOPE
from vad.web.api.models import MandatesQuery, Problem
from vad.web.api.problems import invalid
from vad.web.support.services import services

VERSION: Final = "1.0.0"
"""Of the API: the major number stands in every address, the whole in the header `API-Version`."""
blueprint = Blueprint("openapi", __name__)

_DOCUMENT: Final = "vad.openapi"
_QUERIES: Final = frozenset({MandatesQuery.__name__})
_PROBLEMS: Final[Mapping[str, str]] = {
    "400": "Something that was sent is not as it should be",
    "401": "There is no token, or it does not hold any more",
    "403": "The token lacks the scope, or is about somebody else",
    "429": "Too many requests in a minute",
    "503": "A store or a register is away; `Retry-After` says when to try again",
}
_WITH_BODY: Final[Mapping[str, str]] = {
    "413": "The body is too large",
    "415": "The body is not `application/json`",
}


def _refuse(_request: object, _response: object, error: Exception | None, *_more: object) -> None:
    if isinstance(error, ValidationError):
        raise invalid(error, parameters=error.title in _QUERIES)


spec = SpecTree(
    "flask",
    before=_refuse,
    validation_error_status=400,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    mode="strict",
    title="VAD: mandates",
    version=VERSION,
    description="What an app may do for the person who uses it with the mandates that this person gave or holds.",
)
"""Declares each operation where it stands, and checks what comes in."""


@blueprint.get("/v1/openapi.json")
def document() -> Response:
    """The document, for anybody (NL API Design Rules, `/core/publish-openapi`)."""
    offered = tuple(service.id for service in services().registrations.data_services())
    kept = current_app.extensions.get(_DOCUMENT)
    if kept is None or kept[0] != offered:
        kept = current_app.extensions[_DOCUMENT] = (offered, *_written(_made(offered)))
    _, body, tag = kept
    response = Response(body, mimetype="application/json")
    response.headers.update({"ETag": tag, "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"})
    response.make_conditional(request)
    return response


def _written(document: dict[str, Any]) -> tuple[bytes, str]:
    body = json.dumps(document, separators=(",", ":")).encode()
    return body, quote_etag(generate_etag(body))


def _made(offered: tuple[str, ...]) -> dict[str, Any]:
    """What the library knows of the operations, and what holds for all of them."""
    issuer, made = services().issuer, json.loads(json.dumps(spec.spec))
    made["servers"] = [{"url": f"{issuer}/v1"}]
    made["info"]["contact"] = {"name": "VAD", "url": f"{issuer}/hulp"}
    made["security"] = [{"vad": [MANDATES_SCOPE]}]
    made["components"]["securitySchemes"] = {
        "vad": {"type": "openIdConnect", "openIdConnectUrl": f"{issuer}/.well-known/openid-configuration"}
    }
    made["components"]["headers"] = {
        "API-Version": {"description": "The version of the API", "schema": {"type": "string"}}
    }
    made["components"]["schemas"]["Offer"]["properties"]["dataServices"]["items"]["enum"] = list(offered)
    # Its queries stand with the parameters.
    for name in _QUERIES:
        del made["components"]["schemas"][name]
    made["paths"] = {
        path.removeprefix("/v1").replace("mandate_id", "mandateId"): _path(each) for path, each in made["paths"].items()
    }
    made["tags"] = [{"name": "mandates"}]
    return dict(made)


def _path(operations: dict[str, Any]) -> dict[str, Any]:
    for operation in operations.values():
        operation["tags"] = ["mandates"]
        for parameter in operation["parameters"]:
            parameter["name"] = parameter["name"].replace("mandate_id", "mandateId")
            parameter["schema"].pop("title", None)
        for status, description in {**_PROBLEMS, **(_WITH_BODY if "requestBody" in operation else {})}.items():
            operation["responses"][status] = {
                "description": description,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
        for status, response in operation["responses"].items():
            response["headers"] = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
            if not status.startswith("2"):
                response["content"] = {"application/problem+json": response["content"]["application/json"]}
        operation["responses"] = dict(sorted(operation["responses"].items()))
    return operations
