"""Where the next page begins, for an address: a moment and an id, which tell nothing about anybody."""

import base64
import binascii
import calendar
from datetime import UTC, datetime, timedelta
from uuid import UUID

_MICRO = 1_000_000


def written(at: datetime, identifier: UUID) -> str:
    """The place of this one."""
    micro = calendar.timegm(at.utctimetuple()) * _MICRO + at.microsecond
    return base64.urlsafe_b64encode(micro.to_bytes(8) + identifier.bytes).decode()


def read(text: str | None) -> tuple[datetime, UUID] | None:
    """The place that an address names; None for none, and for what is no place."""
    try:
        value = base64.b64decode(text or "", altchars=b"-_", validate=True)
        seconds, micro = divmod(int.from_bytes(value[:8]), _MICRO)
        return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micro), UUID(bytes=value[8:])
    except (binascii.Error, ValueError, OverflowError, OSError):
        return None
