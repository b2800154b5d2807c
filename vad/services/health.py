"""Whether VAD can do its work now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vad.domain.errors import UnavailableError


@dataclass(frozen=True, slots=True)
class Health:
    """The stores that every request leans on, each with a check that raises `UnavailableError`."""

    checks: Mapping[str, Callable[[], None]]
    registers: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    """By name, each with whether it keeps failing. VAD goes on without them, as far as that goes."""
    stopping: Callable[[], bool] = lambda: False
    """Whether the process was told to stop, and answers only until balancers have noticed."""

    def require(self) -> None:
        """Raise `UnavailableError` while one of them does not answer."""
        for check in self.checks.values():
            check()

    def ready(self) -> Mapping[str, bool]:
        """Each part by name, and whether it answers."""
        return {name: _answers(check) for name, check in self.checks.items()}

    def degraded(self) -> tuple[str, ...]:
        """The registers that keep failing."""
        return tuple(name for name, failing in self.registers.items() if failing())


def _answers(check: Callable[[], None]) -> bool:
    try:
        check()
    except UnavailableError:
        return False
    return True
