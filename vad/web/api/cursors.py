"""Where the next part of a list begins, as a text that only VAD reads."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from vad.services.mandates_for_apps import Place

PATTERN: Final = "^[0-9a-f]{1,14}-[0-9a-f]{32}$"
"""Microseconds, then an id. Each such text is a place in the list, for there is one before and after every mandate."""


def cursor(place: Place) -> str:
    """The text of this place."""
    changed_at, mandate_id = place
    return f"{(changed_at - _epoch()) // timedelta(microseconds=1):x}-{mandate_id.hex}"


def place(text: str) -> Place:
    """The place of such a text."""
    moment, _, mandate_id = text.partition("-")
    return _epoch() + timedelta(microseconds=int(moment, 16)), UUID(hex=mandate_id)


def _epoch() -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC)
