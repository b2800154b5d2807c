"""The API as an application inside VAD's."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Flask, abort, request
from werkzeug.exceptions import UnsupportedMediaType

from vad.web.api import access, document, mandates, preparing, problems
from vad.web.api.problems import invalid_value
from vad.web.support import services as services_support
from vad.web.support.application import Application
from vad.web.support.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/v1/"
_DEEPEST = 20


def answer_at(app: Application, known: Services, *, largest_body: int, also: Callable[[Flask], None]) -> None:
    """Answer everything below `/v1` by the API. `also` is done to its application too."""
    api = Application("vad.web.api", static_folder=None)
    api.url_map.strict_slashes = True
    api.url_map.merge_slashes = False
    api.config["MAX_CONTENT_LENGTH"] = largest_body
    services_support.init_app(api, known)
    also(api)
    problems.init_app(api)
    api.before_request(access.check)
    api.before_request(_check_body)
    api.register_blueprint(document.blueprint)  # /v1/openapi.json
    api.register_blueprint(mandates.blueprint)  # /v1/mandates… /v1/representations
    api.register_blueprint(preparing.blueprint)  # /v1/offers /v1/mandates/{id}/acceptances

    def around(inside: "WSGIApplication") -> "WSGIApplication":
        def outside(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            path = environ["PATH_INFO"]
            if not path.startswith(_PREFIX) and path != "/v1":
                return inside(environ, start_response)

            def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
                own = {name.lower() for name, _ in headers}
                # Everything else is about one person (RFC 9111 section 5.2.2.5).
                kept = [] if "cache-control" in own else [("Cache-Control", "no-store")]
                return start_response(status, [*headers, ("API-Version", document.VERSION), *kept], *failed)

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
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        raise invalid_value("#", "object_required", "The body must be a JSON object.")
