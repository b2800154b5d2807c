"""Where the next part of the events begins, and which time is meant: what was "up to now" at first stays that.

Opaque to whoever gets it. Made up by somebody, it asks for no more than a filter could.
"""

import base64
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from vad.services.ports.log_search import LogFilter, LogPosition

PATTERN: Final = r"^[A-Za-z0-9_-]{50}$"
_MICRO: Final = timedelta(microseconds=1)
_WIDTH: Final = 7
"""Bytes of a time: whatever stands in them is one that Python knows, of the years 1970 to 4253."""
_MOST: Final = 2 ** (8 * _WIDTH) - 1


class Cursor(NamedTuple):
    """After this event come the older ones, of this time."""

    after: LogPosition
    since: datetime
    until: datetime


def written(after: LogPosition, wanted: LogFilter) -> str:
    """For the part that comes after this event."""
    times = b"".join(map(_bytes, (after.recorded_at, wanted.since, wanted.until)))
    return base64.urlsafe_b64encode(times + after.event_id.bytes).decode().rstrip("=")


def read(text: str | None) -> Cursor | None:
    """What stands in one that fits `PATTERN`."""
    if text is None:
        return None
    value = base64.urlsafe_b64decode(text + "==")
    at, since, until = (_time(value[place * _WIDTH : (place + 1) * _WIDTH]) for place in range(3))
    return Cursor(LogPosition(at, UUID(bytes=value[3 * _WIDTH :])), since, until)


def _bytes(at: datetime) -> bytes:
    return min(max((at - _epoch()) // _MICRO, 0), _MOST).to_bytes(_WIDTH)


def _time(value: bytes) -> datetime:
    return _epoch() + int.from_bytes(value) * _MICRO


def _epoch() -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC)
