"""The way out to an address that somebody else chose, such as the `jwks_uri` of an app.

Such an address is asked for nothing that is inside our own network (OWASP's server-side request forgery): it is looked
up, each address that it has must be the internet's, and the connection goes to what was looked at. A name that means
another machine a moment later ("DNS rebinding") gains nothing by it. All else is as for the registers: TLS, no
redirect, an end to time and size, no cookies, no proxy.
"""

import socket
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from requests import PreparedRequest, Response
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from vad.adapters.http.caller import HttpCaller, Limits, Observer
from vad.adapters.http.deadline import Connection, DeadlineAdapter, Pool, SecureConnection, SecurePool
from vad.adapters.http.localhost import ADDRESS, is_localhost
from vad.adapters.http.public_addresses import Address, address_in, public
from vad.domain.errors import RegisterUnavailableError
from vad.services.trace_context import Calls

Lookup = Callable[[str, int], Sequence[str]]
"""The network addresses of a host, as texts."""
_MOST_TRIED = 4
"""Addresses of one host."""
MOST_DOORS = 1000
"""To apps. The one that was asked longest ago goes: an app that only tries to register has a name each time."""


def look_up(host: str, port: int) -> Sequence[str]:
    """As the system does it, but for this machine's own names. Raises `OSError`."""
    if is_localhost(host):
        return [ADDRESS]
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedAdapter(DeadlineAdapter):
    """A transport that goes where everybody can go, over TLS.

    `loopback` opens this machine as well, with and without TLS: for a sandbox.
    """

    def __init__(
        self, *, connections: int, loopback: bool = False, lookup: Lookup = look_up, ca_file: Path | None = None
    ) -> None:
        self._loopback = loopback
        self._lookup = lookup
        super().__init__(connections=connections, ca_file=ca_file)

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        super().init_poolmanager(*args, **named)
        open_to, lookup = self._open_to, self._lookup

        class Secure(SecureConnection):
            def _new_conn(self) -> socket.socket:
                return _connect(self, lookup, open_to)

        class GuardedPool(SecurePool):
            ConnectionCls = Secure

        pools: dict[str, type[Pool | SecurePool]] = {"https": GuardedPool}
        if self._loopback:

            class Plain(Connection):
                def _new_conn(self) -> socket.socket:
                    return _connect(self, lookup, _of_this_machine)

            class PlainPool(Pool):
                ConnectionCls = Plain

            pools["http"] = PlainPool
        self.poolmanager.pool_classes_by_scheme = pools

    def send(self, request: PreparedRequest, *args: Any, **named: Any) -> Response:
        """One call. Raises `RegisterUnavailableError` for one without TLS."""
        if not (request.url or "").startswith(("https://", "http://") if self._loopback else "https://"):
            raise RegisterUnavailableError("not an https address")
        return super().send(request, *args, **named)

    def _open_to(self, address: Address) -> bool:
        return public(address) or (self._loopback and _of_this_machine(address))


class GuardedCallers:
    """A door for each of those who chose an address: each has connections and a circuit of its own.

    So one that hangs holds up no other. `what` says in errors and the log what is asked of them.
    """

    def __init__(  # noqa: PLR0913 - what a call may cost, whom it trusts, who hears of it
        self,
        what: str,
        limits: Limits,
        *,
        loopback: bool = False,
        ca_file: Path | None = None,
        calls: Calls | None = None,
        observer: Observer | None = None,
        lookup: Lookup = look_up,
    ) -> None:
        self._what = what
        self._limits = limits
        self._loopback = loopback
        self._ca_file = ca_file
        self._calls = calls
        self._observer = observer
        self._lookup = lookup
        self._callers: dict[str, HttpCaller] = {}
        self._adding = Lock()

    def to(self, whom: str) -> HttpCaller:
        """The door to one of them."""
        with self._adding:
            caller = self._callers.pop(whom, None)
            if caller is None:
                adapter = GuardedAdapter(
                    connections=self._limits.connections,
                    loopback=self._loopback,
                    lookup=self._lookup,
                    ca_file=self._ca_file,
                )
                caller = HttpCaller(
                    f"{self._what} {whom}",
                    limits=self._limits,
                    adapter=adapter,
                    calls=self._calls,
                    observer=self._observer,
                )
            self._callers[whom] = caller
            if len(self._callers) > MOST_DOORS:
                self._callers.pop(next(iter(self._callers))).close()
            return caller


def _connect(to: Connection | SecureConnection, lookup: Lookup, open_to: Callable[[Address], bool]) -> socket.socket:
    """A connection to an address that was looked at, within the time for one, however many there are."""
    timeout = to.timeout if isinstance(to.timeout, int | float) else Limits().connect
    deadline = time.monotonic() + timeout
    addresses = [address_in(text) for text in _looked_up(lookup, to, timeout)]
    if not addresses or not all(each is not None and open_to(each) for each in addresses):
        # One that is not ours to call is enough: whoever mixes them is trying something.
        raise RegisterUnavailableError("an address that is not the internet's")
    for address in addresses[:_MOST_TRIED]:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            sock = create_connection((str(address), to.port), left, socket_options=to.socket_options)
        except OSError:
            continue
        sys.audit("http.client.connect", to, to.host, to.port)
        return sock
    if time.monotonic() >= deadline:
        raise ConnectTimeoutError(to, "no connection in time")
    raise NewConnectionError(to, "no connection")


def _looked_up(lookup: Lookup, to: Connection | SecureConnection, seconds: float) -> Sequence[str]:
    """The system gives a lookup no end that we can set, so it is left behind when it takes too long."""
    answers: SimpleQueue[Sequence[str] | None] = SimpleQueue()

    def look() -> None:
        try:
            answers.put(lookup(to.host, to.port))
        except (OSError, UnicodeError):
            answers.put(None)

    Thread(target=look, name="vad-lookup", daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise ConnectTimeoutError(to, "the name was not found in time") from None
    if found is None:
        raise NewConnectionError(to, "the name was not found")
    return found


def _of_this_machine(address: Address) -> bool:
    return address.is_loopback
