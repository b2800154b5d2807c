"""What `vad doctor` found: one line per check."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from vad.domain.errors import VadError


class Level(StrEnum):
    """How bad it is. Only `FAIL` makes the command fail."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `text` never holds a secret, nor anything of a person."""

    check: str
    level: Level
    text: str


def found(check: str, look: Callable[[], tuple[Level, str]]) -> Finding:
    """Look; what raises is a failure, told in our own words or by its class alone."""
    try:
        level, text = look()
    except VadError as error:
        return Finding(check, Level.FAIL, str(error))
    except Exception as error:  # noqa: BLE001 - its text may hold an address with a password
        return Finding(check, Level.FAIL, type(error).__name__)
    return Finding(check, level, text)
