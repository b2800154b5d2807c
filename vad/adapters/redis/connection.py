"""The way to Redis (one server, Sentinel or a cluster): bounded pools, short time-outs, one translation of errors."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar, cast

from redis import BlockingConnectionPool, Redis, RedisCluster
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisClusterException, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from redis.sentinel import Sentinel

from vad.domain.errors import StoreUnavailableError
from vad.services import time_limit

TIMEOUT = 2.0
"""Seconds to connect, to answer, and to wait for a free connection."""
_BETWEEN_TRIES = 0.5
"""Seconds in which nobody asks a Redis that did not answer in time; then one at a time does."""
_AT_ONCE = 0.5
"""Seconds within which a failure held nobody up. Sentinel and a cluster tell of silence by errors of many kinds."""
MAX_CONNECTIONS = 32
"""Per server that a process talks to."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Access:
    """How VAD proves itself to servers that Sentinel or a cluster names, and whether it talks TLS to them."""

    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: Path | None = None

    def options(self) -> dict[str, Any]:
        """What redis-py calls these, with what holds for every connection."""
        options = {**_options(), "username": self.username, "password": self.password}
        if self.tls:
            options |= {"ssl": True, "ssl_ca_certs": str(self.ca_file) if self.ca_file else None}
        return options


class RedisConnection:
    """Runs commands. Every failure becomes a `StoreUnavailableError`; a Redis that comes back is used again by itself.

    While one hangs, all but one caller are told so at once: it must not hold every thread of the process. Safe to share
    among threads. Connects when first used.
    """

    def __init__(self, connect: Callable[[], Redis]) -> None:
        self._connect = connect
        self._client: Redis | None = None
        self._connecting, self._trying = threading.Lock(), threading.Lock()
        self._hangs_until = 0.0
        """By the clock that never jumps; 0 as long as it answers."""

    @property
    def client(self) -> Redis:
        """The client of redis-py. That of a cluster asks for its nodes as it is made, and raises where none answers.

        One caller makes it. The others wait no longer for that than for a server which is well.
        """
        if self._client is None:
            if not self._connecting.acquire(timeout=_AT_ONCE):
                raise RedisConnectionError("somebody else connects, and gets no answer")
            try:
                self._client = self._client or self._connect()
            finally:
                self._connecting.release()
        return self._client

    @classmethod
    def open(cls, url: str, *, max_connections: int = MAX_CONNECTIONS) -> Self:
        """One server, at this address (`redis://` or `rediss://`)."""
        pool = BlockingConnectionPool.from_url(
            url, max_connections=max_connections, timeout=TIMEOUT, retry=_no_retry(), **_options()
        )
        return cls(lambda: Redis.from_pool(pool))

    @classmethod
    def sentinel(
        cls, sentinels: Sequence[tuple[str, int]], service_name: str, access: Access, sentinel_access: Access
    ) -> Self:
        """The server that the sentinels call the master of this service, whichever that is at the moment."""
        watchers = Sentinel(  # type: ignore[no-untyped-call]
            sentinels,
            sentinel_kwargs={**sentinel_access.options(), "retry": _no_retry()},
            **access.options(),
        )
        master = watchers.master_for(  # type: ignore[no-untyped-call]
            service_name, max_connections=MAX_CONNECTIONS, retry=_no_retry()
        )
        return cls(lambda: cast("Redis", master))

    @classmethod
    def cluster(cls, nodes: Sequence[tuple[str, int]], access: Access) -> Self:
        """A Redis Cluster, found through any of these nodes."""

        def connect() -> Redis:
            # It has every method of Redis that VAD uses. A redirection (MOVED, ASK) is followed: nothing was done yet.
            found = RedisCluster(
                startup_nodes=[ClusterNode(*node) for node in nodes],  # type: ignore[no-untyped-call]
                dynamic_startup_nodes=False,  # names that were configured outlive addresses that were found
                max_connections=MAX_CONNECTIONS,
                retry=_no_retry(),
                **access.options(),
            )
            return cast("Redis", found)

        return cls(connect)

    def read(self, command: Callable[[Redis], Answer]) -> Answer:
        """Run a command that changes nothing; repeated once on a new connection when the first one failed at once."""
        with self._asking():
            began = time.monotonic()
            try:
                return command(self.client)
            except RedisConnectionError:
                if time.monotonic() - began >= _AT_ONCE:
                    raise
                return command(self.client)

    def write(self, command: Callable[[Redis], Answer]) -> Answer:
        """Run a command that changes something: never repeated, for nobody knows whether it was carried out."""
        with self._asking():
            return command(self.client)

    def use_up(self, command: Callable[[Redis], Answer]) -> Answer:
        """As `write`, for taking what works once: not begun where no time is left to do anything with it."""
        with self._asking(spare=time_limit.TO_USE_UP):
            return command(self.client)

    @contextmanager
    def _asking(self, *, spare: float = 0.0) -> Iterator[None]:
        time_limit.left(math.inf, spare=spare)
        alone = self._hangs_until > 0.0
        if alone:
            self._begin_trial()
        began = time.monotonic()
        try:
            yield
        except (RedisError, RedisClusterException, OSError) as error:
            now = time.monotonic()
            if self._hangs_until or isinstance(error, RedisTimeoutError) or now - began >= _AT_ONCE:
                self._hangs_until = now + _BETWEEN_TRIES
            raise StoreUnavailableError(f"Redis: {type(error).__name__}") from error
        else:
            if self._hangs_until:
                self._hangs_until = 0.0
        finally:
            if alone:
                self._trying.release()

    def _begin_trial(self) -> None:
        """Let one caller try, once in a while. Raises `StoreUnavailableError` for all others."""
        if self._trying.acquire(blocking=False):
            if time.monotonic() >= self._hangs_until:
                return
            self._trying.release()
        raise StoreUnavailableError("Redis: did not answer a moment ago")

    def check(self) -> None:
        """Raise `StoreUnavailableError` unless Redis answers."""
        self.read(lambda client: client.ping())

    def close(self) -> None:
        """Give the connections up. Using it again opens new ones."""
        if self._client is not None:
            self._client.close()


def _options() -> dict[str, Any]:
    return {
        "socket_connect_timeout": TIMEOUT,
        "socket_timeout": TIMEOUT,
        "socket_keepalive": True,
        # A connection that a restarted server closed is seen, and replaced, as it leaves the pool. redis-py skips
        # that check on RESP3 connections that listen for maintenance messages.
        "protocol": 2,
    }


def _no_retry() -> Retry:
    """redis-py would repeat any command, a GETDEL too; what may be repeated is decided in `read`."""
    return Retry(NoBackoff(), 0)
