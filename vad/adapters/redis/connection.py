"""The way to Redis: one bounded pool, short time-outs, one translation of its errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self, TypeVar

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from vad.domain.errors import StoreUnavailableError

TIMEOUT = 2.0
"""Seconds to connect, to answer, and to wait for a free connection."""

Answer = TypeVar("Answer")


class RedisConnection:
    """Runs commands. Every failure becomes a `StoreUnavailableError`; a Redis that comes back is used again by itself.

    Safe to share among threads.
    """

    def __init__(self, client: Redis) -> None:
        self.client = client

    @classmethod
    def open(cls, url: str, *, max_connections: int = 32) -> Self:
        """A pool for this address (`redis://` or `rediss://`). Connects when first used."""
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=max_connections,
            timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            socket_timeout=TIMEOUT,
            socket_keepalive=True,
            # A connection that a restarted server closed is seen, and replaced, as it leaves the pool. redis-py skips
            # that check on RESP3 connections that listen for maintenance messages.
            protocol=2,
            # redis-py would repeat any command, a GETDEL too; what may be repeated is decided below.
            retry=Retry(NoBackoff(), 0),
        )
        return cls(Redis.from_pool(pool))

    def read(self, command: Callable[[Redis], Answer]) -> Answer:
        """Run a command that changes nothing; repeated once on a new connection when the first one failed."""
        with _translated():
            try:
                return command(self.client)
            except (RedisConnectionError, RedisTimeoutError):
                return command(self.client)

    def write(self, command: Callable[[Redis], Answer]) -> Answer:
        """Run a command that changes something: never repeated, for nobody knows whether it was carried out."""
        with _translated():
            return command(self.client)

    def check(self) -> None:
        """Raise `StoreUnavailableError` unless Redis answers."""
        self.read(lambda client: client.ping())

    def close(self) -> None:
        """Give the connections up. Using it again opens new ones."""
        self.client.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreUnavailableError(f"Redis: {type(error).__name__}") from error
