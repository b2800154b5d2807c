"""A tiny stand-in for the conformance suite: it answers where its clients are registered, and keeps what came."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue

from flask import Flask, Response, request
from werkzeug.serving import make_server

from vad.sandbox.ports import LOOPBACK
from vad.sandbox.tls.authority import Authority

HOST = "suite.localhost"
_PAGE = '<!doctype html><title>Suite</title><h1>Processed</h1><p><span id="submission_complete"></span></p>'


@dataclass
class Suite:
    """What came to its addresses, oldest first."""

    port: int
    answers: list[dict[str, str]] = field(default_factory=list)
    """At the redirect URIs."""
    logged_out: list[dict[str, str]] = field(default_factory=list)
    """At those for after logging out."""
    logout_tokens: "Queue[str]" = field(default_factory=Queue)

    @property
    def address(self) -> str:
        """What `--suite` says."""
        return f"https://{HOST}:{self.port}"

    def app(self) -> Flask:
        """Build the program."""
        app = Flask("suite")

        @app.route("/test/a/<alias>/callback", methods=["GET", "POST"])
        def callback(alias: str) -> str:
            del alias
            self.answers.append(request.values.to_dict())
            return _PAGE

        @app.get("/test/a/<alias>/post_logout_redirect")
        def post_logout_redirect(alias: str) -> str:
            del alias
            self.logged_out.append(request.args.to_dict())
            return _PAGE

        @app.post("/test/a/<alias>/backchannel_logout")
        def backchannel_logout(alias: str) -> Response:
            del alias
            self.logout_tokens.put(request.form["logout_token"])
            return Response(headers={"Cache-Control": "no-store"})

        return app

    @contextmanager
    def served(self, authority: Authority, folder: Path) -> Iterator[None]:
        """Answer over https, with a certificate of this authority."""
        issued = authority.server(folder, [HOST])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(issued.certificate, issued.key)
        server = make_server(LOOPBACK, self.port, self.app(), threaded=True, ssl_context=context)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
