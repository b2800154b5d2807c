"""Where the tests' clients hear that a session ended: a real server that answers as it is told to."""

import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from urllib.parse import parse_qsl

from tests.support.listener import Listener


class LogoutReceiver(Listener):
    """Listens on loopback. Who is called is the last part of the path."""

    def __init__(self) -> None:
        self.told: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        """The forms that came, by client."""
        self.statuses: dict[str, int] = {}
        """What a client answers; 200 when it is not here."""
        self.released = threading.Event()
        """Whoever answers with 0 waits for this, and then closes without a word."""
        super().__init__(self._handler())

    def reset(self) -> None:
        """Forget everything, and take every message from now on."""
        self.released.set()
        self.told.clear()
        self.statuses.clear()
        self.released = threading.Event()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reset()
        super().__exit__(kind, error, trace)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                name = self.path.rpartition("/")[2]
                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
                receiver.told[name].append(dict(parse_qsl(form, strict_parsing=True)))
                status = receiver.statuses.get(name, 200)
                if not status:
                    receiver.released.wait(20)
                    return
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
