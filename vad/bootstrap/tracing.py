"""Traces, if the settings ask for them."""

from collections.abc import Callable
from typing import Protocol

from vad.adapters.configuration.files import ConfigurationFileError
from vad.services.trace_context import Calls
from vad.settings import Settings

EXTENSION = "vad.traces"
"""Where an application keeps its `Traces`, for whoever ends it before its process."""


class Traces(Calls, Protocol):
    """What notes requests and calls: `vad.adapters.tracing.OpenTelemetry`."""

    def begin_request(self, name: str, method: str, /) -> Callable[[int], None]:
        """One request begins; the result is told how it ended."""

    def close(self) -> None:
        """Send what is left, and note nothing any more. A process that ends does so by itself."""


def open_traces(settings: Settings, program: str) -> Traces | None:
    """None where nothing is traced. Raises `ConfigurationFileError` where the optional package is not there."""
    asked = settings.tracing
    if asked.endpoint is None:
        return None
    try:
        from vad.adapters.tracing import OpenTelemetry  # noqa: PLC0415 - optional by design
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("opentelemetry"):
            raise
        raise ConfigurationFileError(
            "tracing.endpoint: OpenTelemetry is not installed: pip install --require-hashes -r requirements-otel.txt"
        ) from None
    return OpenTelemetry(asked.endpoint, asked.sampled, program)
