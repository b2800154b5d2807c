"""W3C Trace Context: reading what a caller names its work, and naming our calls to others (ADR 0016)."""

import re
from contextlib import AbstractContextManager
from typing import Protocol

_TRACEPARENT = re.compile(
    r"(?:00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
    # A later version may say more after the flags; `ff` is none.
    r"|(?!00|ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?)"
)


def trace_id_of(traceparent: str) -> str | None:
    """The trace id of a header `traceparent`; None where it is not one (section 3.2: it then counts for nothing)."""
    found = _TRACEPARENT.fullmatch(traceparent)
    return None if found is None else found.group(1) or found.group(2)


class Calls(Protocol):
    """Names calls to other organisations."""

    def named(self, register: str) -> AbstractContextManager[str]:
        """The `traceparent` of one call, which is made inside the block."""
