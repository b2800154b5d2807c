"""Counting and logging every answer: by the name of its route, never by its address, which may carry codes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Flask, Request, Response, g, request

Observe = Callable[[str, str, int, float], None]
"""Endpoint, method, status, seconds."""
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


def init_app(app: Flask, observe: Observe) -> None:
    """Hear of every answer."""
    log = structlog.get_logger(__name__)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        endpoint = request.endpoint or "none"
        seconds = time.perf_counter() - g.began if "began" in g else 0.0
        method = method_of(request)
        observe(endpoint, method, response.status_code, seconds)
        if endpoint not in _QUIET:
            log.info(
                "request", endpoint=endpoint, method=method, status=response.status_code, ms=round(seconds * 1000, 1)
            )
        return response


def method_of(asked: Request) -> str:
    """Its method, or `other`: whoever asks may invent any."""
    return asked.method if asked.method in _METHODS else "other"
