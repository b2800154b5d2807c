"""Where the tests' data source hears of security events: a real server that answers as it is told to."""

from http.server import BaseHTTPRequestHandler

from tests.support.listener import Listener


class SecurityEventReceiver(Listener):
    """Listens on loopback."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        """The tokens that came."""
        self.status = 202
        super().__init__(self._handler())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/secevent+jwt"
                receiver.heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler
