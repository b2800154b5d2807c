"""What letters say of a mandate, in Dutch and English: who may see what, from when and until when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class MandateDetails:
    """What a letter says of a mandate, in one language."""

    who: str
    what: tuple[str, ...]
    since: date | None
    """None where that is not known yet."""
    until: date
    stop_at: str = ""
    """The address of the page that takes a stop code; empty in a letter without one."""


def rows(details: MandateDetails, language: str, written: Callable[[date], str]) -> tuple[tuple[str, str], ...]:
    """The same as a list of what it is and how it is; `written` writes out a day in this language."""
    labels, since = _ROWS[language], "" if details.since is None else written(details.since)
    values = (details.who, "; ".join(details.what), since, written(details.until), details.stop_at)
    return tuple((label, value) for label, value in zip(labels, values, strict=True) if value)


def permission(kind: str, app: str | None, source: str | None, language: str) -> str:
    """One kind of data that somebody may see: with one app or all, at one source or all."""
    with_app, at_source = _PERMISSION[language]
    return kind + (with_app.format(app) if app else "") + (at_source.format(source) if source else "")


_PERMISSION: Final[Mapping[str, tuple[str, str]]] = {
    "nl": (", met de app {}", ", bij {}"),
    "en": (", with the app {}", ", at {}"),
}
_ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "nl": ("Wie", "Mag bekijken", "Vanaf", "Tot en met", "Stoppen kan op"),
    "en": ("Who", "May see", "From", "Until", "Stop at"),
}
