"""Several child processes as one: started in order, waited for, watched, and stopped in the reverse order.

What one child is, is in `child`. Nothing is ever ended but what was started here, by its process id.
"""

import contextlib
import http.client
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

from vad.sandbox.child import Child, Program
from vad.sandbox.errors import SandboxError, ServerDiedError
from vad.sandbox.ports import LOOPBACK, require_free

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_SECONDS = 0.05
_WATCH_SECONDS = 0.25
_WORTH_SAYING = 0.1
_OK = 200


class CommandFailedError(SandboxError):
    """A command that should have come to a good end did not; the message holds its last words."""


class StopRequestedError(KeyboardInterrupt):
    """Somebody pressed Ctrl-C, or a signal asked us to stop."""


@dataclass(frozen=True)
class Service:
    """A program that stays: its name for people, and where it answers `health` with 200 once it is ready.

    Without `port` it counts as ready as long as it lives.
    """

    name: str
    program: Program
    port: int | None = None
    health: str = "/healthz"


@dataclass(frozen=True)
class _Member:
    name: str
    child: Child
    stop: Callable[[], None]
    service: Service | None = None


class Supervisor:
    """Starts, watches and stops. `say` gets a line at every step."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._members: list[_Member] = []

    def adopt(self, name: str, child: Child, stop: Callable[[], None]) -> None:
        """Watch a child that somebody else started, and call `stop` when its turn to end comes."""
        self._members.append(_Member(name, child, stop))

    def start(self, service: Service) -> None:
        """Start a service; `wait_until_ready` waits for it. Raises `PortTakenError`, `MissingProgramError`."""
        if service.port is not None:
            require_free(service.port, service.name)
        with contextlib.suppress(FileNotFoundError):
            service.program.log.replace(_previous(service.program.log))
        child = Child(service.program)
        self._members.append(_Member(service.name, child, child.stop, service))

    def run(self, name: str, program: Program, seconds: float = 120.0) -> None:
        """Run a command to its end, at most `seconds`. Raises `CommandFailedError` when that is not a good one."""
        child = Child(program)
        try:
            if not child.wait(seconds):
                raise CommandFailedError(f"{name} did not end within {seconds:.0f} seconds (see {child.log})")
        finally:
            child.stop(1.0)
        if child.status != 0:
            raise CommandFailedError(f"{name} failed: {_last_words(child)}")

    def wait_until_ready(self, seconds: float = 60.0) -> None:
        """Wait until every service that was started answers, telling of each. Raises `ServerDiedError`."""
        begun = time.monotonic()
        waiting = [member for member in self._members if member.service is not None]
        while waiting:
            self.check()
            for member in [member for member in waiting if _is_ready(member.service)]:
                waiting.remove(member)
                waited = time.monotonic() - begun
                self._say(f"{member.name} is ready" + (f" ({waited:.1f} s)" if waited >= _WORTH_SAYING else ""))
            if waiting and time.monotonic() - begun > seconds:
                name, said = waiting[0].name, _last_words(waiting[0].child)
                raise ServerDiedError(f"{name} is not ready after {seconds:.0f} seconds: {said}")
            time.sleep(_POLL_SECONDS if waiting else 0)

    def check(self) -> None:
        """Raise `ServerDiedError`, with its last words, when one of the processes has ended by itself."""
        for member in self._members:
            if member.child.ended():
                status = member.child.status
                if status is not None and status < 0:
                    # Its last words speak of what it did, not of who killed it.
                    raise ServerDiedError(f"{member.name} was killed by signal {-status} (see {member.child.log})")
                raise ServerDiedError(f"{member.name} ended by itself: {_last_words(member.child)}")

    def watch(self) -> NoReturn:
        """Wait until one ends by itself (`ServerDiedError`) or until we are asked to stop (`StopRequestedError`)."""
        while True:
            self.check()
            time.sleep(_WATCH_SECONDS)

    def pids(self) -> dict[str, int]:
        """The process id of everything that runs, by name."""
        return {member.name: member.child.pid for member in self._members}

    def stop(self) -> None:
        """Stop everything, the last started first. Being asked again meanwhile changes nothing."""
        with _signals(signal.SIG_IGN):
            while self._members:
                self._members.pop().stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Turn Ctrl-C, SIGTERM and SIGHUP into `StopRequestedError`, so that everything is put away on the way out."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise StopRequestedError

    with _signals(stop):
        yield


@contextlib.contextmanager
def _signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    former = {number: signal.signal(number, handler) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, previous in former.items():
            signal.signal(number, previous)


def _is_ready(service: Service | None) -> bool:
    if service is None or service.port is None:
        return True
    # Not through a proxy, whatever the environment says: this is our own machine.
    connection = http.client.HTTPConnection(LOOPBACK, service.port, timeout=2)
    try:
        connection.request("GET", service.health, headers={"Host": f"localhost:{service.port}"})
        return connection.getresponse().status == _OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_words(child: Child) -> str:
    said = child.last_words()
    return "\n    ".join([f"{said[-1] if said else 'it said nothing'} (see {child.log})", *said[:-1]])


def _previous(log: Path) -> Path:
    return log.with_name(f"{log.stem}.previous{log.suffix}")
