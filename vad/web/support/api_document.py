"""The OpenAPI document of a JSON API, and the checking of what comes in against it."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from flask import Response, current_app, request
from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from spectree import SpecTree
from spectree.plugins.flask_plugin import FlaskPlugin
from werkzeug.http import generate_etag, quote_etag

from vad.web.support.api_models import Problem
from vad.web.support.api_problems import invalid

_DOCUMENT: Final = "vad.openapi"
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


class _Streaming(FlaskPlugin):
    """The library's part for Flask, which would read an answer whole before any of it leaves, also one of gigabytes."""

    def validate_response(self, resp: Any, *more: Any) -> tuple[Any, Any]:
        """Let an answer that comes bit by bit through as it is; no model describes such a one."""
        if isinstance(resp, Response) and resp.is_streamed:
            return resp, None
        validated: tuple[Any, Any] = super().validate_response(resp, *more)
        return validated


def spec_tree(title: str, version: str, description: str, queries: Collection[str]) -> SpecTree:
    """What declares each operation where it stands. `queries` names the models of queries; the others are of bodies."""

    def refuse(_request: object, _response: object, error: Exception | None, *_more: object) -> None:
        if isinstance(error, ValidationError):
            raise invalid(error, parameters=error.title in queries)

    return SpecTree(
        "flask",
        _Streaming,
        before=refuse,
        validation_error_status=400,
        validation_error_model=Problem,
        naming_strategy=lambda model: model.__name__,
        nested_naming_strategy=lambda _parent, child: child,
        mode="strict",
        title=title,
        version=version,
        description=description,
    )


def given(state: object, make: Callable[[], dict[str, Any]]) -> Response:
    """The document, for anybody (NL API Design Rules, `/core/publish-openapi`); made anew when `state` is another."""
    kept = current_app.extensions.get(_DOCUMENT)
    if kept is None or kept[0] != state:
        kept = current_app.extensions[_DOCUMENT] = (state, *_written(make()))
    _, body, tag = kept
    response = Response(body, mimetype="application/json")
    response.headers.update({"ETag": tag, "Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=300"})
    response.make_conditional(request)
    return response


def made(spec: SpecTree, prefix: str, tag: str, queries: Collection[str]) -> dict[str, Any]:
    """What the library knows of the operations below a prefix, and what holds for all of them."""
    document: dict[str, Any] = json.loads(json.dumps(spec.spec))
    document["components"]["headers"] = {
        "API-Version": {"description": "The version of the API", "schema": {"type": "string"}}
    }
    # Its queries stand with the parameters.
    for name in queries:
        document["components"]["schemas"].pop(name, None)
    document["paths"] = {
        _camel_ids(path.removeprefix(prefix)): _path(each, tag) for path, each in document["paths"].items()
    }
    document["tags"] = [{"name": tag}]
    return document


def _written(document: dict[str, Any]) -> tuple[bytes, str]:
    body = json.dumps(document, separators=(",", ":")).encode()
    return body, quote_etag(generate_etag(body))


def _camel_ids(path: str) -> str:
    """The names within an address as the document writes them."""
    return re.sub(r"{(\w+)}", lambda found: f"{{{to_camel(found[1])}}}", path)


def _path(operations: dict[str, Any], tag: str) -> dict[str, Any]:
    for operation in operations.values():
        operation["tags"] = [tag]
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                parameter["name"] = to_camel(parameter["name"])
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
