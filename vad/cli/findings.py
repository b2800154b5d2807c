"""What `vad doctor` found: one line per check."""

from collections.abc import Callable, Iterator
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
    """Look; what raises is a failure."""
    try:
        level, text = look()
    except Exception as error:  # noqa: BLE001 - as `_failure` says
        return _failure(check, error)
    return Finding(check, level, text)


def forgiven(finding: Finding) -> Finding:
    """The same, as a warning where it is a failure: for what others must mend."""
    return Finding(finding.check, Level.WARN, finding.text) if finding.level is Level.FAIL else finding


def every(group: str, findings: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """Each of a group's findings; what ends the group before its time is one more, and ends no other group."""
    try:
        yield from findings()
    except Exception as error:  # noqa: BLE001 - as `_failure` says
        yield _failure(group, error)


def _failure(check: str, error: Exception) -> Finding:
    """Told in our own words or by its class alone: another's text may hold an address with a password."""
    return Finding(check, Level.FAIL, str(error) if isinstance(error, VadError) else type(error).__name__)
