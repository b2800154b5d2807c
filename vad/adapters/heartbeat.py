"""The worker's own door: its figures, and whether its loop still goes round.

`vad worker` has no requests whose answers would show that it lives. What hangs answers this door all the same, from a
thread of its own, so the loop says by when it will be back, and the door says 503 once that time is over.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from prometheus_client import CollectorRegistry, make_wsgi_app

from vad.services import faults

PATH = "/healthz"


class Heartbeat:
    """By when the loop said that it would be back. One thread writes, others read."""

    def __init__(self, stuck_after: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stuck_after = stuck_after
        self._clock = clock
        self.beat()

    def beat(self, pause: float = 0.0) -> None:
        """The loop goes round, and now waits for so many seconds first."""
        self._due_at = self._clock() + pause + self._stuck_after

    @property
    def alive(self) -> bool:
        """Whether it need not have been back yet."""
        return self._clock() <= self._due_at


@contextmanager
def open_door(bind: str | None, heartbeat: Heartbeat, registry: CollectorRegistry) -> Iterator[None]:
    """Answer at `address:port` inside the block; without an address nobody can ask. Raises `OSError`."""
    if bind is None:
        yield
        return
    address, _, port = bind.rpartition(":")
    server = make_server(address, int(port), _application(heartbeat, registry), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, name="door", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _application(heartbeat: Heartbeat, registry: CollectorRegistry) -> WSGIApplication:
    figures: WSGIApplication = make_wsgi_app(registry)

    def answer(environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environment["PATH_INFO"] != PATH:
            return _told(figures, environment, start)
        alive = heartbeat.alive
        status = HTTPStatus.OK if alive else HTTPStatus.SERVICE_UNAVAILABLE
        start(f"{status.value} {status.phrase}", [("Content-Type", "text/plain"), ("Cache-Control", "no-store")])
        return [b"ok\n" if alive else b"the worker hangs\n"]

    return answer


def _told(figures: WSGIApplication, environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """Answer with the figures, or with 500: the library would print the text of the exception."""
    try:
        return figures(environment, start)
    except Exception as error:  # noqa: BLE001 - as above
        structlog.get_logger(__name__).error(
            "figures_fault", exception_class=faults.class_of(error), where=faults.places(error)
        )
        start("500 Internal Server Error", [])
        return []


class _Server(ThreadingMixIn, WSGIServer):
    """Whoever asks and says nothing more holds up nobody else."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    """Writes no line per question: the log is JSON, and there is nothing to tell."""

    timeout = 10
    """Seconds that a connection may say nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Nothing."""
