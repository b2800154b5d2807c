"""Servers that answer anything at all, byte for byte: what no well-behaved server can be made to do."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, threading.Event], None]
"""Answers on one connection, whose request has been read; the event tells that the test is over."""


@contextmanager
def wild_server(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve one connection after another on 127.0.0.1; yields the address."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, answer, stopped, tls), daemon=True)
        thread.start()
        try:
            yield f"{'https' if tls else 'http'}://localhost:{listener.getsockname()[1]}"
        finally:
            stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def fixed(content: bytes) -> Answer:
    """Answer with these bytes and close."""

    def answer(connection: socket.socket, _stopped: threading.Event) -> None:
        connection.sendall(content)

    return answer


def dripping(start: bytes, drop: bytes) -> Answer:
    """Answer with `start`, and then `drop` again and again, never silent for long and never done."""

    def answer(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(start)
        while not stopped.wait(0.02):
            connection.sendall(drop)

    return answer


def flooding(start: bytes, drop: bytes) -> Answer:
    """Answer with `start`, and then `drop` as fast as it goes."""

    def answer(connection: socket.socket, stopped: threading.Event) -> None:
        connection.sendall(start)
        while not stopped.is_set():
            connection.sendall(drop)

    return answer


def silent(_connection: socket.socket, stopped: threading.Event) -> None:
    """Accept and say nothing."""
    stopped.wait()


def _serve(listener: socket.socket, answer: Answer, stopped: threading.Event, tls: ssl.SSLContext | None) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            # What the caller does to its end of the connection is not this server's concern.
            with connection, suppress(OSError):
                _answer(connection, answer, stopped, tls)


def _answer(connection: socket.socket, answer: Answer, stopped: threading.Event, tls: ssl.SSLContext | None) -> None:
    open_connection = tls.wrap_socket(connection, server_side=True) if tls else connection
    with open_connection:
        open_connection.recv(64 * 1024)
        answer(open_connection, stopped)
