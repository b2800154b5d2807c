"""A PostgreSQL and a Redis that a test may stop, flush and kill."""

from dataclasses import dataclass

from vad.sandbox.errors import SandboxError
from vad.sandbox.postgres import PostgresServer
from vad.sandbox.redis import RedisServer


@dataclass(frozen=True)
class Stores:
    """The two servers."""

    postgres: PostgresServer
    redis: RedisServer

    def mend(self) -> None:
        """Start what does not run."""
        for server in (self.postgres, self.redis):
            try:
                running = server.child.ended() is False
            except SandboxError:
                running = False
            if not running:
                server.start()
