"""A number that somebody types: of a mandate, of an event. A BSN is none."""

from uuid import UUID

_LONGEST = 50


def read(typed: str) -> UUID | None:
    """The id, with whatever stands around it on paper or in a mail; None for what is none."""
    try:
        return UUID(typed.strip()[:_LONGEST])
    except ValueError:
        return None
