"""Names under `localhost` mean this machine, whatever the system's resolver knows of them (RFC 6761 section 6.3).

glibc finds them only with a module that many systems lack. Browsers know them by themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from urllib3.connection import HTTPConnection

ADDRESS = "127.0.0.1"


def is_localhost(host: str) -> bool:
    """Whether this is such a name."""
    name = host.lower().rstrip(".")
    return name == "localhost" or name.endswith(".localhost")


def reachable(host: str) -> str:
    """What to connect to for this host."""
    return ADDRESS if host.lower().rstrip(".").endswith(".localhost") else host


@contextmanager
def resolved(connection: HTTPConnection) -> Iterator[None]:
    """While it connects, the connection has an address for its name; the certificate is compared with the name."""
    host = connection.host
    if reachable(host) == host:
        yield
        return
    connection.host = reachable(host)
    try:
        yield
    finally:
        connection.host = host
