"""Which requests are traced."""

import pytest

from vad.adapters.tracing import OpenTelemetry
from vad.sandbox.ports import free_port
from vad.services.correlation import Correlation, correlated

REQUESTS = 100


@pytest.mark.parametrize("trace", ["0" * 31 + "1", "f" * 32])
def test_a_caller_does_not_choose_what_is_traced(trace: str) -> None:
    """Of requests with one trace id, the lowest or the highest, some are traced with their calls, and some are not."""
    tracing = OpenTelemetry(f"http://127.0.0.1:{free_port()}/v1/traces", 0.5, "web")
    noted = []
    with correlated(Correlation(correlation_id=trace)):
        for _ in range(REQUESTS):
            end = tracing.begin_request("token.token", "POST")
            for register in ("brp", "prs"):
                with tracing.named(register) as traceparent:
                    noted.append(traceparent.split("-")[3])
            end(200)
    tracing.close()
    assert set(noted) == {"00", "01"}
    assert noted[::2] == noted[1::2]
