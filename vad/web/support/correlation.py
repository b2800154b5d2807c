"""Giving every request a name, for the log and the audit log (rule 39)."""

from collections.abc import Iterable
from functools import lru_cache
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from vad.services import correlation
from vad.services.correlation import Correlation
from vad.services.trace_context import trace_id_of
from vad.web.support.application import Application
from vad.web.support.neighbours import network_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Application) -> None:
    """Name each request before it is handled; the name goes back in `X-Request-ID`."""
    app.surround(_named)


def _named(inside: "WSGIApplication") -> "WSGIApplication":
    def outside(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request_id, traceparent = token_hex(16), environ.get("HTTP_TRACEPARENT")
        trace_id = trace_id_of(traceparent) if traceparent else None

        def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Any:
            return start_response(status, [*headers, ("X-Request-ID", request_id)], *failed)

        begun = correlation.begin(Correlation(request_id, trace_id or request_id, _origin(environ.get("REMOTE_ADDR"))))
        try:
            return inside(environ, start)
        finally:
            correlation.end(begun)

    return outside


@lru_cache(maxsize=1024)
def _origin(address: str | None) -> str | None:
    """The network an address is in: enough to see a pattern, too little to point at a home (rule 39)."""
    return network_of(address, bits_v4=24, bits_v6=48)
