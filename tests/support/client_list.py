"""The ministry's manager of clients, as far as VAD meets it: a list over HTTP, which can be away or wrong."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.listener import Listener


class ClientListServer(Listener):
    """Listens on loopback."""

    def __init__(self) -> None:
        self.answer: tuple[int, str, bytes] = (500, "text/plain", b"")
        self.asked: list[str] = []
        super().__init__(self._handler())

    @property
    def address(self) -> str:
        """Where it is, before `/clients`."""
        return f"{super().address}/api"

    def says(self, *clients: dict[str, Any]) -> None:
        """Let the list be this."""
        self.answer = 200, "application/json", json.dumps({"clients": clients}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        known = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                known.asked.append(self.path)
                status, content_type, body = known.answer
                self.send_response(status)
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def listed(client_id: str, **said: Any) -> dict[str, Any]:
    """One client as the manager lists it."""
    return {
        "id": client_id,
        "organisation_id": "9b2e5c1a-0000-4000-8000-000000000001",
        "redirect_uris": ["https://app.example/oidc/login"],
        "token_endpoint_auth_method": "none",
        "active": True,
        "client_secret": None,
        "created_at": "2026-01-01T00:00:00.000000Z",
        "updated_at": "2026-01-01T00:00:00.000000Z",
        **said,
    }
