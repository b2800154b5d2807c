"""gunicorn's threads, so that nobody holds one for long: neither who sends slowly, nor who reads slowly.

gunicorn itself gives a thread to every connection on which something came, and reads on in there for as long as that
takes. Here the main thread reads, which can do so for any number of connections at once; a thread gets a request that
is there as a whole. What that can't be said of (a body in chunks, an answer that nobody takes) is ended after a while.
Nor does the main thread wait for anybody: a client that was answered for the last time may take its time to leave.
"""

import contextlib
import math
import re
import socket
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from vad.services import time_limit

_TO_COME = time_limit.SECONDS
"""Seconds in which a request must be there as a whole, its body in chunks included."""
_TO_GO = time_limit.SECONDS + 5.0
"""Seconds after which a connection is ended, whoever is still reading the answer."""
_TO_LEAVE = 2.0
"""Seconds in which a client closes its end after the last answer, before it is closed from here."""
_PIECE = 64 * 1024
_LONGEST = 256 * 1024
"""Bytes that are waited for before a thread: more than VAD takes. What is longer is refused by who understands it."""
_MOST_HELD = 16 * 1024 * 1024
"""Bytes of all requests together that are not there as a whole. Most come in one piece, and are not among them."""
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:([^\r]*)", re.IGNORECASE)
_DIGITS = 9
_ASKS_FIRST = re.compile(
    rb"(?:\r\n)?[^\r]* HTTP/1\.1\r\n(?:.*\r\n)?expect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE | re.DOTALL
)
"""Whoever sends this waits for `_CONTINUE` before the body; in HTTP/1.0 it means nothing (RFC 9110 section 10.1.1)."""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(slots=True)
class Incoming:
    """What has come of one request. It is not understood here, but for how much of it is still to come."""

    content: bytearray = field(default_factory=bytearray)
    asks_first: bool = False
    """Whether the client wants to be told to send the body."""
    _size: int | None = None
    """Of the whole; None: its head is not complete."""

    def add(self, piece: bytes) -> None:
        """Something more came."""
        looked_at = max(len(self.content) - len(_END_OF_HEAD), 0)
        self.content += piece
        if self._size is None:
            end = self.content.find(_END_OF_HEAD, looked_at)
            if end >= 0:
                head = bytes(self.content[: end + len(_END_OF_HEAD)])
                self._size = len(head) + _body(head)
                self.asks_first = _ASKS_FIRST.match(head) is not None

    @property
    def whole(self) -> bool:
        """Whether a thread can get on with it without waiting."""
        size = len(self.content)
        return size >= _LONGEST or (self._size is not None and size >= min(self._size, _LONGEST))


def _body(head: bytes) -> int:
    """How long the body is, by its head; 0 where it doesn't say so, or in no number: gunicorn refuses that at once."""
    said = _LENGTH.search(head)
    length = said[1].strip(b" \t").lstrip(b"0") if said else b""
    if not length.isdigit():
        return 0
    return int(length) if len(length) <= _DIGITS else _LONGEST


@dataclass(slots=True)
class _Waiting:
    """A connection on which a request is on its way; when that began, or when the connection was there."""

    conn: TConn
    since: float
    incoming: Incoming = field(default_factory=Incoming)
    registered: bool = False
    held: int = 0
    """Bytes of it that count among those of all."""
    told: bool = False
    """Whether its client was told to send the body."""


@dataclass(slots=True)
class _Busy:
    """A request in the hands of a thread."""

    conn: TConn
    since: float
    limit: time_limit.TimeLimit
    """The time that the request has. It may get more than others."""
    read: bool = False
    """Whether nothing more of it is read."""


@dataclass(slots=True)
class _Leaving:
    """A connection on which all is said: what still comes on it is thrown away."""

    conn: TConn
    until: float
    discarded: int = 0


class Worker(ThreadWorker):  # type: ignore[misc]
    """One process with its threads; `vad.wsgi` names it. A request's time begins with its first byte."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._waiting: dict[int, _Waiting] = {}
        self._busy: dict[int, _Busy] = {}
        self._leaving: dict[int, _Leaving] = {}
        self._lock = threading.Lock()
        self._held = 0
        self._silent_until = math.inf
        """When connections end on which nothing came; known once this process stops."""

    def enqueue_req(self, conn: TConn) -> None:
        """Read what is there; a thread gets it once that is a whole request. Runs in the main thread."""
        conn.init()
        waiting = _Waiting(conn, time.monotonic())
        waiting.incoming.add(conn.parser.unreader.take_buffered())
        conn.sock.settimeout(0.0)
        self._waiting[id(conn)] = waiting
        self._read(waiting)

    def handle(self, conn: TConn) -> Any:
        """Serve one request. Runs in a thread."""
        with time_limit.limited(time.monotonic, since=conn.came) as limit:
            with self._lock:
                self._busy[id(conn)] = _Busy(conn, time.monotonic(), limit)
            try:
                return super().handle(conn)
            finally:
                with self._lock:
                    del self._busy[id(conn)]

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer. Whoever was told to send the body is not told again. Runs in a thread."""
        if conn.told:
            req._expected_100_continue = False  # noqa: SLF001 - gunicorn has no other way to say so
        return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, done: "Future[Any]") -> None:
        """Go on with a connection once its thread is done. gunicorn would wait here for a client that is to leave."""
        if done.cancelled() or done.exception() is not None or done.result():
            super().finish_request(conn, done)
        else:
            self._leave(conn)

    def murder_pending(self) -> None:
        """End what takes too long. gunicorn calls this every second, in the main thread."""
        super().murder_pending()
        now = time.monotonic()
        if not self.alive:
            # A request may be on its way, as on connections that were kept alive.
            self._silent_until = min(self._silent_until, now + STOP_KEEPALIVE_LINGER)
        for waiting in [*self._waiting.values()]:
            begun = bool(waiting.incoming.content)
            until = waiting.since + _TO_COME if begun else min(waiting.since + self.cfg.keepalive, self._silent_until)
            if now >= until:
                self._drop(waiting)
        for leaving in [*self._leaving.values()]:
            if now >= leaving.until:
                self._end(leaving)
        with self._lock:
            _end_what_is_late(self._busy.values(), now)

    def _read(self, waiting: _Waiting, _sock: object = None) -> None:
        try:
            while not waiting.incoming.whole:
                piece = waiting.conn.sock.recv(_PIECE)
                if not piece:
                    self._drop(waiting)
                    return
                if not waiting.incoming.content:
                    waiting.since = time.monotonic()
                waiting.incoming.add(piece)
        except BlockingIOError:
            self._wait(waiting)
            return
        except OSError:
            self._drop(waiting)
            return
        self._forget(waiting)
        conn = waiting.conn
        conn.parser.unreader.unread(bytes(waiting.incoming.content))
        conn.came, conn.told = waiting.since, waiting.told
        super().enqueue_req(conn)

    def _wait(self, waiting: _Waiting) -> None:
        self._held += len(waiting.incoming.content) - waiting.held
        waiting.held = len(waiting.incoming.content)
        try:
            if waiting.incoming.asks_first and not waiting.told:
                waiting.conn.sock.sendall(_CONTINUE)
                waiting.told = True
        except OSError:
            self._drop(waiting)
            return
        if self._held > _MOST_HELD:
            self._drop(waiting)
        elif not waiting.registered:
            waiting.registered = True
            self.poller.register(waiting.conn.sock, EVENT_READ, partial(self._read, waiting))

    def _forget(self, waiting: _Waiting) -> None:
        del self._waiting[id(waiting.conn)]
        self._held -= waiting.held
        if waiting.registered:
            self.poller.unregister(waiting.conn.sock)

    def _drop(self, waiting: _Waiting) -> None:
        self._forget(waiting)
        self._close(waiting.conn)

    def _leave(self, conn: TConn) -> None:
        """Say that nothing more comes, and close once the client has.

        Closed at once, with something unread, the kernel would take back what the client has not got of the answer
        (RFC 9112 section 9.6).
        """
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.settimeout(0.0)
        except OSError:
            self._close(conn)
            return
        leaving = self._leaving[id(conn)] = _Leaving(conn, time.monotonic() + _TO_LEAVE)
        self.poller.register(conn.sock, EVENT_READ, partial(self._discard, leaving))

    def _discard(self, leaving: _Leaving, _sock: object = None) -> None:
        try:
            piece = leaving.conn.sock.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        leaving.discarded += len(piece)
        if not piece or leaving.discarded >= _LONGEST:
            self._end(leaving)

    def _end(self, leaving: _Leaving) -> None:
        del self._leaving[id(leaving.conn)]
        self.poller.unregister(leaving.conn.sock)
        self._close(leaving.conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _end_what_is_late(busy: Iterable[_Busy], now: float) -> None:
    """Whoever waits in a thread for what a client sends or takes then waits no longer.

    A connection is closed by the main thread, which runs this: none of these is somebody else's by now.
    """
    for each in busy:
        if now >= max(each.since + _TO_GO, each.limit.end):
            _shut(each.conn, socket.SHUT_RDWR)
        elif now >= each.since + _TO_COME and not each.read:
            each.read = True
            _shut(each.conn, socket.SHUT_RD)


def _shut(conn: TConn, how: int) -> None:
    with contextlib.suppress(OSError):
        conn.sock.shutdown(how)
