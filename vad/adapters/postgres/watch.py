"""No statement holds a thread for longer than its limit, though PostgreSQL says nothing at all.

`statement_timeout` is kept by the server. One that hangs, or whose machine or disk does, keeps nothing, while its
kernel goes on acknowledging what TCP brings: no time-out of libpq or TCP ever strikes. So one thread of a process looks
at the statements under way and shuts down the sockets of those that take too long. To libpq the server is then gone.
What that costs a statement is one look at the clock.
"""

import contextlib
import math
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from psycopg2 import extensions

_BETWEEN_LOOKS = 0.5


class WatchedConnection(extensions.connection):
    """A connection that says since when it waits for an answer, and knows what it has prepared."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.since = time.monotonic()
        """When it began to wait, in seconds that never jump; 0: it doesn't. A new one waits until it is first lent."""
        self.patience = math.inf
        """For how many seconds whoever lent it may wait, where that is less than the watch would let them."""
        self.prepared: set[str] = set()
        """What it was told to prepare, and did."""
        self.unsure = False
        """Whether it was told to prepare more, and has not said that it did."""
        # Of our own: libpq may close its descriptor at any moment, and its number would be somebody else's.
        self._descriptor = os.dup(self.fileno())

    def cut(self) -> None:
        """End it, from another thread: whoever waits for an answer gets an error."""
        with socket.socket(fileno=os.dup(self._descriptor)) as wire, contextlib.suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)

    def __del__(self) -> None:
        descriptor, self._descriptor = getattr(self, "_descriptor", -1), -1
        if descriptor >= 0:
            os.close(descriptor)


class Watch:
    """Looks after the connections of one pool. Safe to share among threads.

    `cut` hears that one was ended after so many `seconds`; not where somebody had less patience than that.
    """

    def __init__(self, seconds: float, cut: Callable[[], None]) -> None:
        self._seconds = seconds
        self._cut = cut
        self._lock = threading.Lock()
        self._connections: WeakSet[WatchedConnection] = WeakSet()
        self._looking = False

    def over(self, connection: WatchedConnection) -> None:
        """Watch over this connection for as long as it lives."""
        with self._lock:
            self._connections.add(connection)
            if not self._looking:
                self._looking = True
                threading.Thread(target=self._look, name="postgresql-watch", daemon=True).start()

    def _look(self) -> None:
        while self._end_what_hangs():
            time.sleep(_BETWEEN_LOOKS)

    def _end_what_hangs(self) -> bool:
        """End what waits for too long; False when there is nothing left to watch over.

        While this looks at a connection it also holds on to it, so that its descriptor can't become somebody else's.
        """
        with self._lock:
            connections = [each for each in self._connections if not each.closed]
            self._looking = bool(connections)
        now = time.monotonic()
        for connection in connections:
            since = connection.since
            if 0.0 < since < now - min(self._seconds, connection.patience):
                connection.since = 0.0
                if since < now - self._seconds:
                    self._cut()
                connection.cut()
        return bool(connections)
