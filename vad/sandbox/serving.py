"""How every sandbox program is served: in a thread for tests, or as a process of its own for the demo.

`python -m vad.sandbox.serving NAME CONFIG.json` runs one program in the foreground until SIGTERM or SIGINT. The file is
the program's own configuration as JSON, with beside it `port`, the port on 127.0.0.1 to listen on, and, where something
ends TLS before it, `ca_file` with the authority that vouches for it and all others.
"""

import json
import selectors
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol, cast

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from vad.bootstrap.loading import load
from vad.sandbox.errors import PortTakenError, SandboxError
from vad.sandbox.fields import ConfigError
from vad.sandbox.outgoing import trust
from vad.sandbox.ports import LOOPBACK

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PROGRAMS: Mapping[str, str] = {
    "digid": "vad.sandbox.digid.app",
    "staff_idp": "vad.sandbox.staff_idp.app",
    "brp": "vad.sandbox.brp",
    "prs": "vad.sandbox.prs",
    "pgo": "vad.sandbox.pgo",
    "data_source": "vad.sandbox.data_source",
    "post": "vad.sandbox.post",
    "ministry_front": "vad.sandbox.ministry_front",
}
_HIGHEST_PORT = 65535
BESIDE = "vad.sandbox.beside"
"""An extension of a program that speaks more than HTTP: a context manager's maker, in which it is served."""


class _ConfigClass(Protocol):
    def from_json(self, raw: Mapping[str, Any], /) -> Any:
        """Read a configuration that is written as JSON."""


class Program(Protocol):
    """What the module of every sandbox program offers."""

    Config: _ConfigClass

    def create_app(self, config: Any, /) -> Flask:
        """Build the program for one configuration."""


@contextmanager
def serve(app: "WSGIApplication", port: int = 0, *, access_log: bool = False) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 from a thread, for as long as the context lasts; yields `http://localhost:PORT`.

    Port 0 takes a free one. Raises `PortTakenError` when somebody else listens on `port`.
    """
    server = _server(app, port, access_log=access_log)
    beside = app.extensions.get(BESIDE, nullcontext)() if isinstance(app, Flask) else nullcontext()
    stopping, stop = socket.socketpair()
    thread = threading.Thread(target=_answer, args=(server, stopping), daemon=True)
    with stopping, stop, beside:
        thread.start()
        try:
            yield f"http://localhost:{server.port}"
        finally:
            stop.shutdown(socket.SHUT_WR)
            thread.join()
            server.server_close()


def _answer(server: BaseWSGIServer, stopping: socket.socket) -> None:
    """Answer until the other end of `stopping` is shut.

    `serve_forever` looks many times a second whether it has to end, and a town has a dozen servers in one process.
    """
    with selectors.DefaultSelector() as waiting:
        waiting.register(server, selectors.EVENT_READ)
        waiting.register(stopping, selectors.EVENT_READ)
        while all(key.fileobj is not stopping for key, _ in waiting.select()):
            server.handle_request()


def build(name: str, raw: Mapping[str, Any]) -> Flask:
    """Build the program `name` for a configuration as JSON; raises `SandboxError` when either cannot be used."""
    if name not in PROGRAMS:
        raise SandboxError(f"there is no program {name!r}; choose one of {', '.join(sorted(PROGRAMS))}")
    program = cast("Program", load(PROGRAMS[name]))
    try:
        config = program.Config.from_json(raw)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from None
    return program.create_app(config)


def behind_tls(app: Flask) -> Flask:
    """The program as it stands behind what ends TLS, which says who came and how."""
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    return app


def run(name: str, path: Path) -> None:
    """Serve one program in the foreground until SIGTERM or SIGINT. Raises `SandboxError`."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigError(f"{path}: cannot be read as JSON") from None
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: must hold an object")
    port = raw.pop("port", None)
    if type(port) is not int or not 0 < port <= _HIGHEST_PORT:
        raise ConfigError(f"{path}: port must be a whole number from 1 to {_HIGHEST_PORT}")
    ca_file = raw.pop("ca_file", None)
    if ca_file is not None:
        trust(Path(str(ca_file)))
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    app = build(name, raw) if ca_file is None else behind_tls(build(name, raw))
    with serve(app, port, access_log=True):
        stopping.wait()


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit status: 0 when stopped, 1 when it could not start, 2 when misused."""
    if len(arguments) != 2:  # noqa: PLR2004
        sys.stderr.write("usage: python -m vad.sandbox.serving NAME CONFIG.json\n")
        return 2
    try:
        run(arguments[0], Path(arguments[1]))
    except SandboxError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


class _QuietHandler(WSGIRequestHandler):
    """Says nothing: no banner, no access log, no library versions in the Server header."""

    def version_string(self) -> str:
        return "sandbox"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name is werkzeug's
        """Drop it: what werkzeug would write holds whole request lines."""


class _LoggingHandler(_QuietHandler):
    """Writes method, path and status of each request; never the query string, which is the caller's business."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        del size
        path = self.path.partition("?")[0] if hasattr(self, "path") else "-"
        shown = "".join(letter if letter.isprintable() else "?" for letter in path)
        sys.stderr.write(f"{self.command or '-'} {shown} {getattr(code, 'value', code)}\n")


def _server(app: "WSGIApplication", port: int, *, access_log: bool) -> BaseWSGIServer:
    handler = _LoggingHandler if access_log else _QuietHandler
    # The socket is ours, because werkzeug prints and ends the whole process when a port is taken.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((LOOPBACK, port))
            listening.listen(128)
        except OSError as error:
            raise PortTakenError(f"port {port} is taken by another program") from error
        return make_server(LOOPBACK, port, app, threaded=True, request_handler=handler, fd=listening.fileno())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
