"""How long the request that is being served may still take. The web layer begins it; what waits for others asks.

It is context, like `vad.services.correlation`: no decision depends on it, only how long is waited. Work that nobody
waits for, such as a job of the worker, has no such limit.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from vad.domain.errors import OutOfTimeError

SECONDS = 10.0
"""What one request may take, from when it came."""

TO_USE_UP = 1.0
"""Seconds that must be left before something is used up that works once: enough to do what it is used up for."""
TO_TAKE_BACK = 1.0
"""Seconds that taking back what may be stolen gets in any case, so that nobody can time it away."""

Clock = Callable[[], float]
"""Tells seconds that never jump."""


@dataclass(slots=True)
class TimeLimit:
    """The end of the time of one request, and the clock that it goes by. Only `extend` moves it."""

    end: float
    clock: Clock


_current: ContextVar[TimeLimit | None] = ContextVar("time_limit", default=None)


@contextmanager
def limited(clock: Clock, since: float | None = None) -> Iterator[TimeLimit]:
    """Let everything inside the block end within `SECONDS` of `since`, or of now.

    A block inside another has no time of its own: whoever began first knows best when the request came.
    """
    known = _current.get()
    if known is not None:
        yield known
        return
    limit = TimeLimit((clock() if since is None else since) + SECONDS, clock)
    token = _current.set(limit)
    try:
        yield limit
    finally:
        _current.reset(token)


@contextmanager
def at_least(seconds: float) -> Iterator[None]:
    """Let what is inside take this long, however little is left: for what must not be left undone."""
    limit = _current.get()
    if limit is None:
        yield
        return
    token = _current.set(TimeLimit(max(limit.end, limit.clock() + seconds), limit.clock))
    try:
        yield
    finally:
        _current.reset(token)


def extend(seconds: float) -> None:
    """Let this request take so long from now: for the few whose answer is too long to be taken in `SECONDS`."""
    limit = _current.get()
    if limit is not None:
        limit.end = max(limit.end, limit.clock() + seconds)


def left(at_most: float, *, spare: float = 0.0) -> float:
    """The seconds that something may take which by itself may take `at_most`.

    `spare` are seconds to keep for what must be written down when it fails. Raises `OutOfTimeError` when the time is
    over: whatever it is, it need not begin.
    """
    limit = _current.get()
    if limit is None:
        return at_most
    rest = limit.end - limit.clock() - spare
    if rest <= 0.0:
        raise OutOfTimeError("the request has taken as long as it may")
    return min(at_most, rest)
