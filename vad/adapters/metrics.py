"""Counting for Prometheus. Labels are names from our own code: never an address, a person, an app's text or an id.

Under several processes (`PROMETHEUS_MULTIPROC_DIR`, which `vad serve` sets) each writes into that folder, and whichever
is asked answers for all.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.registry import Collector

from vad.adapters import metrics_files
from vad.adapters import metrics_looks as looks
from vad.adapters.metrics_looks import ActiveKey, CertifiedKey, LogState
from vad.domain.audit import TokenIssued
from vad.domain.identifiers import ClientId, ResourceId
from vad.domain.signal import SignalKind
from vad.services.deliveries import DeliveryOutcome
from vad.services.ports.outbox import Backlog, OutboxMessage

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Fault(StrEnum):
    """Lines of the log that somebody must look at, and that belong to no request."""

    WORKER = "worker_fault"
    DELIVERY = "delivery_fault"
    CHORE = "chore_fault"
    KEYS = "keys_not_taken_up"
    LOG_BROKEN = "log_broken"
    LOG_SEALER = "log_sealer_fault"
    LOG_NOT_PUBLISHED = "log_not_published"


class Metrics:
    """What one process counts. Safe to share among threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._looks: list[Collector] = []
        requests = Histogram(
            "vad_http_request_seconds",
            "Time from a request's arrival to its answer.",
            ("endpoint", "method", "status"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        # Each is looked up once: `labels` takes a lock and looks at every value.
        self._request = cache(lambda endpoint, method, status: requests.labels(endpoint, method, str(status)))
        self._events = Counter(
            "vad_audit_events",
            "Events that were committed to the log; why, where it is a refusal.",
            ("type", "reason"),
            registry=self.registry,
        )
        self._tokens = Counter(
            "vad_tokens_issued",
            "Tokens that left, by grant type.",
            ("grant_type",),
            registry=self.registry,
        )
        self._introspections = Counter(
            "vad_introspections", "Questions about tokens that were answered.", ("outcome",), registry=self.registry
        )
        self._active, self._inactive = (self._introspections.labels(outcome) for outcome in ("active", "inactive"))
        self._calls = Histogram(
            "vad_register_call_seconds",
            "Calls to DigiD, BRP and PRS.",
            ("register", "outcome"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._circuits = Gauge(
            "vad_register_circuit_open",
            "1 while a register kept failing, so that some process leaves it alone.",
            ("register",),
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        self._deliveries = Counter(
            "vad_outbox_deliveries", "Attempts to deliver from the outbox.", ("kind", "outcome"), registry=self.registry
        )
        self._signals = Gauge(
            "vad_signals_open",
            "Signals for staff that nobody has handled.",
            ("kind",),
            registry=self.registry,
            multiprocess_mode="livemax",
        )
        faults = Counter(
            "vad_faults", "Lines of the log that an operator must look at.", ("event",), registry=self.registry
        )
        self._faults = {fault: faults.labels(fault.value) for fault in Fault}

    def request(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        """One answered request; `endpoint` is the name of the route, never the address."""
        self._request(endpoint, method, status).observe(seconds)

    def event(self, kind: str, detail: str) -> None:
        """One event that has committed. `detail`: why, for a refusal; the grant type, for a token that was issued."""
        if kind == TokenIssued.type:
            self._tokens.labels(detail).inc()
            detail = ""
        self._events.labels(kind, detail).inc()

    def introspection(self, active: bool) -> None:  # noqa: FBT001 - it is all that there is to say
        """One question about a token, answered."""
        (self._active if active else self._inactive).inc()

    def call(self, register: str, outcome: str, seconds: float) -> None:
        """One call to a register."""
        self._calls.labels(register, outcome).observe(seconds)

    def circuit(self, register: str, *, is_open: bool) -> None:
        """Whether this process leaves a register alone now."""
        self._circuits.labels(register).set(is_open)

    def delivery(self, message: OutboxMessage, outcome: DeliveryOutcome) -> None:
        """One attempt: `vad.services.deliveries.DeliveryObserver`."""
        self._deliveries.labels(message.kind, outcome.value).inc()

    def signals(self, found: Mapping[SignalKind, int]) -> None:
        """How many of each kind are open, as the worker last counted them."""
        for kind, number in found.items():
            self._signals.labels(kind.value).set(number)

    def fault(self, fault: Fault) -> None:
        """One line in the log that somebody must look at."""
        self._faults[fault].inc()

    def tell_build(self, program: str) -> None:
        """Tell with every answer which program of which release this is."""
        self._tell(looks.Build(program))

    def tell_keys(self, active: Callable[[], Iterable[ActiveKey]]) -> None:
        """Tell with every answer since when keys have been in use."""
        self._tell(looks.Keys(active))

    def tell_certificates(self, certified: Callable[[], Iterable[CertifiedKey]]) -> None:
        """Tell with every answer when the certificates of keys that sign tokens end."""
        self._tell(looks.Certificates(certified))

    def watch(self, backlog: Callable[[], Iterable[Backlog]], kinds: Iterable[str]) -> None:
        """Tell with every answer what waits in the outbox, of these kinds at least."""
        self._tell(looks.Waiting(backlog, tuple(kinds)))

    def watch_log(self, state: Callable[[], LogState], key_days: int) -> None:
        """Tell with every answer how far the log is sealed; its key may be in use for so many days."""
        self._tell(looks.Log(state, key_days))

    def watch_reviews(self, overdue: Callable[[], int | None]) -> None:
        """Tell with every answer how much emergency access nobody has looked into in time; None: not known yet."""
        self._tell(looks.Reviews(overdue))

    def watch_client_keys(self, ends: Callable[[], Mapping[ClientId, float] | None], unread: Callable[[], int]) -> None:
        """Tell with every answer when apps will be without a key (None: not known yet), and how many are unread."""
        self._tell(looks.ClientKeys(ends, unread))

    def watch_source_keys(self, ends: Callable[[], Mapping[ResourceId, float] | None]) -> None:
        """Tell with every answer when the keys of data sources end (None: not known yet)."""
        self._tell(looks.SourceKeys(ends))

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format."""
        if metrics_files.FOLDER not in os.environ:
            return generate_latest(self.registry)
        folder = Path(os.environ[metrics_files.FOLDER])
        together = CollectorRegistry()
        for collector in (metrics_files.Together(folder), *self._looks):
            together.register(collector)
        metrics_files.settle(folder)
        with metrics_files.reading(folder):
            return generate_latest(together)

    def _tell(self, look: Collector) -> None:
        self._looks.append(look)
        self.registry.register(look)
