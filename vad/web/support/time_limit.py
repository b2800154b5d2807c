"""Beginning the time of each request. A server that knows better when it came has begun it already."""

import time

from flask import Flask, g

from vad.services.time_limit import limited


def init_app(app: Flask) -> None:
    """Let no request take longer than it may."""

    @app.before_request
    def begin() -> None:
        g.limited = limited(time.monotonic)
        g.limited.__enter__()

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if "limited" in g:
            g.pop("limited").__exit__(None, None, None)
