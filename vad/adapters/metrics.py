"""Counting for Prometheus. Labels are names from our own code: never an address, a person, an app's text or an id.

Under several processes (`PROMETHEUS_MULTIPROC_DIR`, which `vad serve` sets) each writes into that folder, and whichever
is asked answers for all.
"""

import os
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from vad.domain.errors import UnavailableError
from vad.services.deliveries import DeliveryOutcome
from vad.services.ports.records import Backlog, OutboxMessage

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What one process counts. Safe to share among threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Histogram(
            "vad_http_request_seconds",
            "Time from a request's arrival to its answer.",
            ("endpoint", "method", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._events = Counter(
            "vad_audit_events",
            "Events that were committed to the log; why, where it is a refusal.",
            ("type", "reason"),
            registry=self.registry,
        )
        self._calls = Histogram(
            "vad_register_call_seconds",
            "Calls to DigiD, BRP and PRS.",
            ("register", "outcome"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._deliveries = Counter(
            "vad_outbox_deliveries", "Attempts to deliver from the outbox.", ("kind", "outcome"), registry=self.registry
        )

    def request(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """One answered request; `endpoint` is the name of the route, never the address."""
        self._requests.labels(endpoint, method, str(status)).observe(seconds)

    def event(self, kind: str, reason: str) -> None:
        """One event that has committed."""
        self._events.labels(kind, reason).inc()

    def call(self, register: str, outcome: str, seconds: float) -> None:
        """One call to a register."""
        self._calls.labels(register, outcome).observe(seconds)

    def delivery(self, message: OutboxMessage, outcome: DeliveryOutcome) -> None:
        """One attempt: `vad.services.deliveries.DeliveryObserver`."""
        self._deliveries.labels(message.kind, outcome.value).inc()

    def watch(self, backlog: Callable[[], Iterable[Backlog]]) -> None:
        """Tell with every answer what waits in the outbox."""
        self.registry.register(_Waiting(backlog))

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


class _Waiting(Collector):
    def __init__(self, backlog: Callable[[], Iterable[Backlog]]) -> None:
        self._backlog = backlog

    def describe(self) -> Iterator[Metric]:
        """Nothing: asking the store while a program is being built would be too early."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """One look into the outbox."""
        waiting = GaugeMetricFamily("vad_outbox_messages", "Messages not delivered yet.", labels=("kind", "state"))
        try:
            found = tuple(self._backlog())
        except UnavailableError:
            # No figure is better than a wrong one, and the others are told all the same.
            return
        for each in found:
            waiting.add_metric((each.kind, "waiting"), each.waiting)
            waiting.add_metric((each.kind, "given_up"), each.given_up)
        yield waiting
