"""How often a flow goes to a store: a wire in between that counts.

A trip is a turn of the conversation: somebody sends after the other side has spoken. Statements that travel together
are one trip, and so is a pipeline or a script; the commands for Redis are counted apart.
"""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from socketserver import BaseRequestHandler, ThreadingTCPServer
from statistics import median
from urllib.parse import urlsplit

import hiredis

from tests.benchmarks.callers import FLOWS, Caller

_REPEATS = 15


@dataclass(frozen=True)
class Trips:
    """Of one flow, as it most often is."""

    sql: int
    redis: int
    redis_commands: int


class Wire(ThreadingTCPServer):
    """Stands before a store and passes everything on."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self._url = urlsplit(url)
        self._lock = threading.Lock()
        self.trips = self.commands = 0

    @property
    def url(self) -> str:
        """The store's address by way of this wire."""
        place = self._url.netloc.rpartition("@")[0]
        return self._url._replace(netloc=f"{place}@127.0.0.1:{self.server_address[1]}").geturl()

    @property
    def target(self) -> tuple[str, int]:
        """Where the store is."""
        return str(self._url.hostname), int(self._url.port or 0)

    @property
    def speaks_redis(self) -> bool:
        """Whether commands can be told apart."""
        return self._url.scheme.startswith("redis")

    def count(self, *, trips: int, commands: int) -> None:
        """Add what was seen."""
        with self._lock:
            self.trips += trips
            self.commands += commands


class _Conversation(BaseRequestHandler):
    server: Wire

    def handle(self) -> None:
        with suppress(ConnectionError), socket.create_connection(self.server.target) as store:
            self._pass_on(store)

    def _pass_on(self, store: socket.socket) -> None:
        asking, reader = False, hiredis.Reader()
        for each in (self.request, store):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            for speaker in select.select([self.request, store], [], [])[0]:
                said = speaker.recv(65536)
                if not said:
                    return
                if speaker is self.request:
                    self.server.count(trips=not asking, commands=self._commands(reader, said))
                asking = speaker is self.request
                (store if asking else self.request).sendall(said)

    def _commands(self, reader: hiredis.Reader, said: bytes) -> int:
        """How many commands are complete now: to the reader of answers they are lists like any other."""
        if not self.server.speaks_redis:
            return 0
        reader.feed(said)
        found = 0
        while reader.gets() is not False:
            found += 1
        return found


@contextmanager
def wire(url: str) -> Iterator[Wire]:
    """Count what goes to this store."""
    with Wire(url) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Wires:
    """A wire before every store whose address comes by."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._laid: list[Wire] = []

    def through(self, url: str) -> str:
        """The address by way of a wire."""
        self._laid.append(self._stack.enter_context(wire(url)))
        return self._laid[-1].url

    def so_far(self) -> tuple[int, int, int]:
        """Trips to PostgreSQL, trips to Redis, commands for Redis."""
        sql, redis = ([each for each in self._laid if each.speaks_redis is which] for which in (False, True))
        return sum(each.trips for each in sql), sum(each.trips for each in redis), sum(each.commands for each in redis)


def count(caller: Caller, flow: str, wires: Wires) -> Trips:
    """Go a flow some times, alone; the median leaves out what only happens now and then."""
    seen: list[tuple[int, ...]] = []
    for _ in range(_REPEATS):
        before = wires.so_far()
        FLOWS[flow](caller)
        seen.append(tuple(now - then for now, then in zip(wires.so_far(), before, strict=True)))
    return Trips(*(round(median(column)) for column in zip(*seen, strict=True)))
