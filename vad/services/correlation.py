"""Which request is being served, for the audit log (rule 39). The web layer says it once; the log reads it.

It is context, not a decision: nothing but the log may depend on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Correlation:
    """Where a piece of work comes from. None: not known, as for a job of the worker."""

    request_id: str | None = None
    """Names this one request."""
    correlation_id: str | None = None
    """Names the caller's larger piece of work that this request is a part of."""
    origin: str | None = None
    """The caller's network address, truncated or keyed: never a whole one."""


_UNKNOWN = Correlation()
_current: ContextVar[Correlation] = ContextVar("correlation", default=_UNKNOWN)


def current() -> Correlation:
    """Return what is known of the work this thread does now."""
    return _current.get()


def begin(correlation: Correlation) -> Token[Correlation]:
    """Let everything that this thread does from now on be done on behalf of this request, until `end`."""
    return _current.set(correlation)


def end(begun: Token[Correlation]) -> None:
    """Undo it, in the same thread."""
    _current.reset(begun)


@contextmanager
def correlated(correlation: Correlation) -> Iterator[None]:
    """Let everything inside the block be done on behalf of this request."""
    begun = begin(correlation)
    try:
        yield
    finally:
        end(begun)
