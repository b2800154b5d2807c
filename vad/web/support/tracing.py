"""Noting each request for OpenTelemetry, where the settings ask for it."""

from collections.abc import Callable

from flask import Flask, Response, g, request

from vad.web.support.metrics import method_of

Begin = Callable[[str, str], Callable[[int], None]]
"""Hears the name of a route and the method as a request begins; the result hears its status as it ends."""


def init_app(app: Flask, begin: Begin) -> None:
    """Note every request. Without this nothing asks whether there is something to note."""

    @app.before_request
    def start() -> None:
        g.noted, g.noted_status = begin(request.endpoint or "none", method_of(request.method)), 500

    @app.after_request
    def answered(response: Response) -> Response:
        g.noted_status = response.status_code
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "noted" in g:
            g.pop("noted")(g.pop("noted_status"))
