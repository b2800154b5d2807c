"""Giving every request a name, for the log and the audit log (rule 39)."""

import ipaddress
from functools import lru_cache
from secrets import token_hex

import structlog
from flask import Flask, Response, g, request

from vad.services.correlation import Correlation, correlated
from vad.services.trace_context import trace_id_of


def init_app(app: Flask) -> None:
    """Name each request before it is handled; the name goes back in `X-Request-ID`."""

    @app.before_request
    def begin() -> None:
        request_id = token_hex(16)
        named = request.headers.get("traceparent")
        trace_id = trace_id_of(named) if named else None
        found = Correlation(request_id, trace_id or request_id, _origin(request.remote_addr))
        g.request_id = request_id
        g.correlated = correlated(found)
        g.correlated.__enter__()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, correlation_id=found.correlation_id)

    @app.after_request
    def name(response: Response) -> Response:
        if "request_id" in g:
            response.headers["X-Request-ID"] = g.request_id
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "correlated" in g:
            g.pop("correlated").__exit__(None, None, None)
        structlog.contextvars.clear_contextvars()


@lru_cache(maxsize=1024)
def _origin(address: str | None) -> str | None:
    """The network an address is in: enough to see a pattern, too little to point at a home (rule 39)."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 48), strict=False))  # noqa: PLR2004
