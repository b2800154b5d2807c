"""The application itself: Flask without what VAD has no use for, and with layers around it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Application(Flask):
    """VAD's.

    What holds for every answer, whoever gives it, is a layer around the application: a hook of Flask would look up the
    request that it is about, time and again.
    """

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give it as it is: none is `async`, so Flask need not look before each call."""
        return func

    def surround(self, layer: Callable[["WSGIApplication"], "WSGIApplication"]) -> None:
        """Put a layer around what is there so far."""
        self.wsgi_app = layer(self.wsgi_app)  # type: ignore[assignment, method-assign]
