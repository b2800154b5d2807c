"""A TCP proxy before a server: it can make the way back long, and speak TLS for the server."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Self

_PIECE = 64 * 1024


class SlowWire:
    """Listens on a loopback port of its own. `delay` may be changed at any time, in seconds. `passed` counts bytes.

    `asked_first`: TLS begins when the caller asks for it in PostgreSQL's way (SSLRequest).
    """

    def __init__(self, port: int, tls: ssl.SSLContext | None = None, *, asked_first: bool = False) -> None:
        self.delay = 0.0
        self._asked_first = asked_first
        self.passed = 0
        self._tls = tls
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._serving: threading.Thread

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self._asked_first:
                    assert near.recv(8) == bytes.fromhex("00000008 04d2162f")
                    near.sendall(b"S")
                if self._tls is not None:
                    near = self._tls.wrap_socket(near, server_side=True)
                try:
                    far = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    near.close()
                    continue
                self._open += [near, far]
                for source, sink, slow in ((near, far, False), (far, near, True)):
                    threading.Thread(target=self._pass, args=(source, sink), kwargs={"slow": slow}, daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, *, slow: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                if slow:
                    time.sleep(self.delay)
                sink.sendall(piece)
                self.passed += len(piece)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._serving.join(10)  # whoever came last is let in or not before all are sent away
        for each in self._open:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
