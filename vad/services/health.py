"""Whether VAD can do its work now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vad.domain.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class Health:
    """The stores that every request leans on, each with a check that raises `UnavailableError`."""

    checks: Mapping[str, Callable[[], None]]

    def require(self) -> None:
        """Raise `UnavailableError` while one of them does not answer."""
        for check in self.checks.values():
            check()

    def ready(self) -> Mapping[str, bool]:
        """Each part by name, and whether it answers."""
        return {name: _answers(check) for name, check in self.checks.items()}


def _answers(check: Callable[[], None]) -> bool:
    try:
        check()
    except UnavailableError:
        return False
    return True
