"""Beginning the time of each request. A server that knows better when it came has begun it already."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from vad.services.time_limit import limited
from vad.web.support.application import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Application) -> None:
    """Let no request take longer than it may."""
    app.surround(_limited)


def _limited(inside: "WSGIApplication") -> "WSGIApplication":
    def outside(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with limited(time.monotonic):
            return inside(environ, start_response)

    return outside
