"""A JSON API as an application inside another, so that whatever answers there, unknown addresses too, answers alike."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, abort, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import UnsupportedMediaType

from vad.domain import strict_json
from vad.web.support import api_problems
from vad.web.support import services as services_support
from vad.web.support.api_problems import invalid_value
from vad.web.support.application import Application
from vad.web.support.services import Basics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _StrictJson(DefaultJSONProvider):
    """How the JSON of requests is read, whoever asks for it: it has one meaning, and text that can be written down."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return strict_json.parse(s.encode() if isinstance(s, str) else s)


def api_application(
    name: str, known: Basics, check: Callable[[], None], *, largest_body: int, also: Callable[[Flask], None]
) -> Application:
    """An application for an API; `check` finds out who comes. `also` is done to it too."""
    api = Application(name, static_folder=None)
    api.json = _StrictJson(api)
    api.url_map.strict_slashes = True
    api.url_map.merge_slashes = False
    api.config["MAX_CONTENT_LENGTH"] = largest_body
    services_support.init_app(api, known)
    also(api)
    api_problems.init_app(api)
    api.before_request(check)
    api.before_request(_check_body)
    return api


def answer_below(app: Application, prefix: str, api: Application, version: str) -> None:
    """Answer everything below this prefix by the API."""

    def around(inside: "WSGIApplication") -> "WSGIApplication":
        def outside(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            if not path.startswith(f"{prefix}/") and path != prefix:
                return inside(environ, start_response)

            def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
                own = {name.lower() for name, _ in headers}
                # Everything else is about somebody (RFC 9111 section 5.2.2.5).
                kept = [] if "cache-control" in own else [("Cache-Control", "no-store")]
                return start_response(status, [*headers, ("API-Version", version), *kept], *failed)

            return api(environ, start)

        return outside

    app.surround(around)


def _check_body() -> None:
    """A body is one JSON object, or the request is refused: what is not understood is not taken for nothing."""
    if request.endpoint is None or request.method != "POST":
        return
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    if request.content_length is None and "wsgi.input_terminated" in request.environ:
        request.get_data(cache=True)
        if request.environ["wsgi.input"].read(1):
            abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not isinstance(request.get_json(silent=True), dict):
        raise invalid_value("#", "object_required", "The body must be a JSON object.")
