"""A trace for each call to another organisation, so that nobody but VAD can connect two of them (ADR 0016)."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex


class NewTraces:
    """`vad.services.trace_context.Calls` that are noted nowhere."""

    @contextmanager
    def named(self, _register: str) -> Iterator[str]:
        """One call."""
        yield new_traceparent(sampled=False)


def new_traceparent(*, sampled: bool) -> str:
    """The beginning of a trace that has nothing to do with any other."""
    return f"00-{token_hex(16)}-{token_hex(8)}-{'01' if sampled else '00'}"
