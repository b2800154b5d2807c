"""How often a flow goes to a store: a wire in between that listens.

A trip is a turn of the conversation: somebody sends after the other side has spoken. Statements that travel together
are one trip, and so is a pipeline or a script; the commands for Redis are counted apart.
"""

import re
import select
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer
from statistics import median
from urllib.parse import urlsplit

import hiredis

from tests.benchmarks.callers import FLOWS, Caller

_REPEATS = 15
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_CLAUSE = re.compile(
    r"(?i)\b(?:begin|commit|rollback|select|for update|(?:insert into|delete from|update|from|join) \w+)\b"
)


@dataclass(frozen=True)
class Trip:
    """One of them."""

    store: str
    said: list[str] = field(default_factory=list)
    """The commands for Redis by name, or the clauses of the SQL with their tables; never a value."""


@dataclass(frozen=True)
class Trips:
    """Of one flow, as it most often is."""

    sql: int
    redis: int
    redis_commands: int

    @classmethod
    def of(cls, trips: Sequence[Trip]) -> "Trips":
        """Count them."""
        commands = [len(trip.said) for trip in trips if trip.store == "Redis"]
        return cls(len(trips) - len(commands), len(commands), sum(commands))


class Wire(ThreadingTCPServer):
    """Stands before a store, passes everything on, and adds each trip to a list."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, url: str, trips: list[Trip]) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self._url = urlsplit(url)
        self.store = "Redis" if self._url.scheme.startswith("redis") else "PostgreSQL"
        self.trips = trips

    @property
    def url(self) -> str:
        """The store's address by way of this wire."""
        place = self._url.netloc.rpartition("@")[0]
        return self._url._replace(netloc=f"{place}@127.0.0.1:{self.server_address[1]}").geturl()

    @property
    def target(self) -> tuple[str, int]:
        """Where the store is."""
        return str(self._url.hostname), int(self._url.port or 0)


class _Conversation(BaseRequestHandler):
    server: Wire

    def handle(self) -> None:
        with suppress(ConnectionError), socket.create_connection(self.server.target) as store:
            self._pass_on(store)

    def _pass_on(self, store: socket.socket) -> None:
        trip, reader = None, hiredis.Reader()
        for each in (self.request, store):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            for speaker in select.select([self.request, store], [], [])[0]:
                said = speaker.recv(65536)
                if not said:
                    return
                if speaker is store:
                    trip = None
                    self.request.sendall(said)
                    continue
                if trip is None:
                    trip = Trip(self.server.store)
                    self.server.trips.append(trip)
                trip.said.extend(_commands(reader, said) if trip.store == "Redis" else _clauses(said))
                store.sendall(said)


def _commands(reader: hiredis.Reader, said: bytes) -> Iterator[str]:
    """The commands that are complete now: to the reader of answers they are lists like any other."""
    reader.feed(said)
    while (command := reader.gets()) is not False:
        yield command[0].decode(errors="replace").upper()


def _clauses(said: bytes) -> list[str]:
    """What a simple query (`Q`) is about."""
    text = _LITERAL.sub("", said[5:].decode(errors="replace")) if said[:1] == b"Q" else ""
    return _CLAUSE.findall(text)


@contextmanager
def wire(url: str, trips: list[Trip]) -> Iterator[Wire]:
    """Listen to what goes to this store."""
    with Wire(url, trips) as server:
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
        self.trips: list[Trip] = []

    def through(self, url: str) -> str:
        """The address by way of a wire."""
        return self._stack.enter_context(wire(url, self.trips)).url


def usual(caller: Caller, flow: str, wires: Wires) -> list[Trip]:
    """The trips of a flow, gone alone some times: those of the median, which lacks what only happens now and then."""
    seen = []
    for _ in range(_REPEATS):
        wires.trips.clear()
        FLOWS[flow](caller)
        seen.append(wires.trips.copy())
    middle = median(map(len, seen))
    return next(trips for trips in seen if len(trips) == middle)
