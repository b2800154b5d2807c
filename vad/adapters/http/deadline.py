"""Connections on which the read time-out counts for the whole answer, and the answer is bounded as a whole.

To `requests` a time-out is the longest silence between two pieces of an answer, so that a server which sends one byte
every few seconds holds its caller for ever, in the headers as well as in the body. Here it is the time that is left for
status line, headers and body together. Likewise for size: what frames a body (headers, chunk lines) has no limit of its
own below that holds.
"""

import io
import socket
import time
from http.client import HTTPResponse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from vad.adapters.http.localhost import resolved

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


LONGEST = 256 * 1024
"""Bytes of one answer on the wire, everything included."""


class UntilDeadline(io.RawIOBase):
    """The receiving side of a socket for one answer; before each read the time-out is cut to what is left."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + seconds
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._sock.settimeout(left)
        count = self._raw.readinto(buffer)
        self._received += count or 0
        if self._received > LONGEST:
            raise OSError("the answer is too long")
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        seconds = sock.gettimeout()
        if seconds is None:
            raise ValueError("a connection without a time-out")
        self.fp.close()
        self.fp = io.BufferedReader(UntilDeadline(sock, seconds))


class Connection(HTTPConnection):
    """Without TLS."""

    response_class = _Response

    def _new_conn(self) -> socket.socket:
        with resolved(self):
            return super()._new_conn()


class SecureConnection(HTTPSConnection):
    """With TLS."""

    response_class = _Response

    def _new_conn(self) -> socket.socket:
        with resolved(self):
            return super()._new_conn()


class Pool(HTTPConnectionPool):
    """Of connections without TLS."""

    ConnectionCls = Connection


class SecurePool(HTTPSConnectionPool):
    """Of connections with TLS."""

    ConnectionCls = SecureConnection


class DeadlineAdapter(HTTPAdapter):
    """A transport of its own pool. It follows no redirect, keeps no cookie and reads no environment variable.

    `ca_file` holds CAs to trust beside the usual ones.
    """

    def __init__(self, *, connections: int, ca_file: Path | None = None) -> None:
        self._ca_file = ca_file
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        if self._ca_file is not None:
            named["ssl_context"] = create_urllib3_context()
            named["ssl_context"].load_verify_locations(self._ca_file)
        super().init_poolmanager(*args, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
