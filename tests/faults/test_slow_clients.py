"""Clients that send their request, or take their answer, as slowly as they like: others get on, and it ends."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

import pytest

from tests.faults.serving import Served
from tests.faults.test_bad_days import asked, good, longest, pulses

pytestmark = pytest.mark.slow

_THREADS = 2 * 8
"""Of the two processes of `start`."""
_HEAD = b"POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
GET = b"GET /jwks HTTP/1.1\r\nHost: x\r\n\r\n"
HEADERS = _HEAD
BODY = _HEAD + b"Content-Length: 60000\r\n\r\n"
ZEROS = _HEAD + b"Content-Length: 0000060000\r\n\r\n"
ASKS_FIRST = _HEAD + b"Expect: 100-continue\r\nContent-Length: 60000\r\n\r\n"
CHUNKS = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def connection_to(served: Served) -> socket.socket:
    """Give a connection on which nothing has been said."""
    target = urlsplit(served.address)
    return socket.create_connection((target.hostname or "", target.port or 0))


class Trickle:
    """Sends a good beginning, and then a byte at a time without end."""

    def __init__(self, served: Served, start: bytes, drop: bytes, pause: float = 0.1) -> None:
        self._socket = connection_to(served)
        self._socket.sendall(start)
        self._drop = drop
        self._pause = pause
        self.began = time.monotonic()
        self.ended: float | None = None
        """When the server ended it."""
        threading.Thread(target=self._send, daemon=True).start()

    def _send(self) -> None:
        self._socket.settimeout(self._pause)
        with suppress(OSError):
            while True:
                with suppress(TimeoutError):
                    if not self._socket.recv(4096):
                        break
                self._socket.sendall(self._drop)
        self.ended = time.monotonic()

    def close(self) -> None:
        """Give up."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


@contextmanager
def trickling(served: Served, start: bytes, count: int, pause: float = 0.1) -> Iterator[list[Trickle]]:
    """Let so many clients send slowly inside the block: a piece, and so many seconds until the next."""
    clients = [Trickle(served, start, b"1\r\nx\r\n" if start == CHUNKS else b"x", pause) for _ in range(count)]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def test_slow_clients_hold_up_nobody(shared: Served) -> None:
    """Of each kind more than there are threads: others notice nothing, and each is ended within its time.

    Some say nothing. Some send headers without end, others a body; some write its length with zeros, or ask before they
    send it. And some have been answered, and stay.
    """
    with ExitStack() as kinds, pulses(shared, "/inloggen", 3) as beating:
        for _ in range(4 * _THREADS):
            kinds.enter_context(connection_to(shared))
        slow = [
            client
            for start in (HEADERS, BODY, ZEROS, ASKS_FIRST)
            for client in kinds.enter_context(trickling(shared, start, 4 * _THREADS, pause=0.3))
        ]
        who_was_answered_and_stays_has_all_of_it(shared)
        shared.until(lambda: all(each.ended is not None for each in slow))
    assert good(beating) == asked(beating) > 40
    assert longest(beating) < 4.0
    assert max((each.ended or 0.0) - each.began for each in slow) < 14.0


def who_was_answered_and_stays_has_all_of_it(served: Served) -> None:
    """Clients that ask for `Connection: close` and keep their end open get all of it, in time, and are ended."""
    staying = [connection_to(served) for _ in range(2 * _THREADS)]
    begun = time.monotonic()
    for each in staying:
        # What nobody reads any more comes along: the answer must not be lost for it.
        each.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + GET)
        each.settimeout(10.0)
    for each in staying:
        with each.makefile("rb") as answer:
            head, _, body = answer.read().partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert json.loads(body)["keys"]
    assert time.monotonic() - begun < 4.0
    served.until(lambda: all(_gone(each) for each in staying))


def test_who_asks_first_is_told_once_to_send_the_body(shared: Served) -> None:
    """`100 Continue` before a thread has it, and then nothing but the answer; the connection is good for another."""
    with connection_to(shared) as connection, connection.makefile("rb") as answers:
        connection.settimeout(10.0)
        for _ in range(2):
            connection.sendall(_HEAD + b"Expect: 100-continue\r\nContent-Length: 15\r\n\r\n")
            assert (answers.readline(), answers.readline()) == (b"HTTP/1.1 100 Continue\r\n", b"\r\n")
            connection.sendall(b"grant_type=none")
            assert answers.readline().startswith(b"HTTP/1.1 400 ")
            length = 0
            while (line := answers.readline()) != b"\r\n":
                length = int(line.split()[1]) if line.lower().startswith(b"content-length:") else length
            assert b"error" in answers.read(length)


@pytest.mark.parametrize("length", [b"many", b"-1", b"5\r\nContent-Length: 6", b"\xb2"])
def test_a_length_that_is_none_is_refused_at_once(shared: Served, length: bytes) -> None:
    """Nobody waits for a body of which nobody knows where it ends: 400, and the connection is closed."""
    with connection_to(shared) as connection, connection.makefile("rb") as answers:
        connection.settimeout(5.0)  # half of what an incomplete request is given
        connection.sendall(_HEAD + b"Content-Length: " + length + b"\r\n\r\n12345")
        assert answers.readline().startswith(b"HTTP/1.1 400 ")
        answers.read()


def test_slow_chunks_are_got_rid_of(shared: Served) -> None:
    """A body whose length nobody says holds a thread; others may have to wait for it, but not for ever."""
    with trickling(shared, CHUNKS, _THREADS) as slow, pulses(shared, "/inloggen", 3) as beating:
        shared.until(lambda: all(each.ended is not None for each in slow))
        enough = good(beating) + 20
        shared.until(lambda: good(beating) > enough)
    assert longest(beating) < 25.0
    assert shared.ready() == 200


def test_what_is_kept_of_slow_clients_is_bounded(shared: Served) -> None:
    """Many large bodies whose last byte never comes: past 16 MiB in a process they are not kept; others get on."""
    each, most = len(BODY) + 59_000, 2 * 16 * 1024 * 1024
    with trickling(shared, BODY + b"x" * 59_000, most // each + 60, pause=9.0) as slow:
        shared.until(lambda: sum(client.ended is None for client in slow) <= most // each)
        assert max((client.ended or client.began) - client.began for client in slow) < 9.0, "not for being slow"
        with pulses(shared, "/inloggen", 2) as beating:
            shared.until(lambda: good(beating) > 20)
    assert good(beating) == asked(beating)


def _gone(connection: socket.socket) -> bool:
    """Whether the other end is closed for both directions: what is sent there is refused."""
    try:
        connection.sendall(b"x")
    except OSError:
        connection.close()
        return True
    return False
