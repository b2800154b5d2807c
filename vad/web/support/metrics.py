"""Counting and logging every answer: by the name of its route, never by its address, which may carry codes."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from vad.web.support.application import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Observe = Callable[[str, str, int, float], None]
"""Endpoint, method, status, seconds."""
ENDPOINT = "vad.endpoint"
"""Where a layer that answers in Flask's place says which route that is, in the WSGI environment."""
_QUIET = frozenset({"health.healthz", "health.readyz", "health.metrics", "static"})
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


@dataclass(frozen=True, slots=True)
class Exposition:
    """How the figures are told, and to whom."""

    token: str
    """Empty: to nobody."""
    exposition: Callable[[], bytes]
    content_type: str
    introspection: Callable[[bool], None]
    """Hears of each answered question about a token whether that was active."""


def init_app(app: Application, observe: Observe) -> None:
    """Hear of every answer."""
    log = structlog.get_logger(__name__)

    def counted(inside: "WSGIApplication") -> "WSGIApplication":
        def outside(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            began, status, endpoint = time.perf_counter(), 0, ""

            def start(line: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
                nonlocal status, endpoint
                # Now, for Flask forgets the request as it ends.
                status, endpoint = int(line[:3]), endpoint_of(environ)
                return start_response(line, headers, *failed)

            body = inside(environ, start)
            seconds = time.perf_counter() - began
            method = method_of(environ["REQUEST_METHOD"])
            observe(endpoint, method, status, seconds)
            if endpoint not in _QUIET:
                log.info("request", endpoint=endpoint, method=method, status=status, ms=round(seconds * 1000, 1))
            return body

        return outside

    app.surround(counted)


def endpoint_of(environ: "WSGIEnvironment") -> str:
    """The name of the route that answered; `none` where there is none."""
    by_layer, asked = environ.get(ENDPOINT), environ.get("werkzeug.request")
    return by_layer or (asked.endpoint if asked is not None else None) or "none"


def method_of(method: str) -> str:
    """It, or `other`: whoever asks may invent any."""
    return method if method in _METHODS else "other"
