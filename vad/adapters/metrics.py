"""Counting for Prometheus. Labels are names from our own code: never an address, a person, an app's text or an id.

Under several processes (`PROMETHEUS_MULTIPROC_DIR`, which `vad serve` sets) each writes into that folder, and whichever
is asked answers for all.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.metadata import version
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from vad.adapters import metrics_files
from vad.domain.audit import TokenIssued
from vad.domain.errors import VadError
from vad.domain.signal import SignalKind
from vad.services.deliveries import DeliveryOutcome
from vad.services.ports.outbox import Backlog, OutboxMessage

CONTENT_TYPE = CONTENT_TYPE_LATEST
_DAY = 86_400
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Fault(StrEnum):
    """Lines of the log that somebody must look at, and that belong to no request."""

    WORKER = "worker_fault"
    DELIVERY = "delivery_fault"
    KEYS = "keys_not_taken_up"
    LOG_BROKEN = "log_broken"
    LOG_SEALER = "log_sealer_fault"
    LOG_NOT_PUBLISHED = "log_not_published"


@dataclass(frozen=True, slots=True)
class ActiveKey:
    """One key in use."""

    purpose: str
    algorithm: str
    since: float
    """Seconds since 1970."""
    days: int | None
    """How old it may grow; None where it is never changed, or only in need."""


@dataclass(frozen=True, slots=True)
class LogState:
    """How far the log is sealed."""

    size: int
    """Events in the tree."""
    signed_at: float
    """Seconds since 1970; 0 when nothing was ever signed."""
    waiting: float
    """For how many seconds the oldest event that is not in the tree has waited; 0 when there is none."""
    verified_at: float = 0.0
    """Seconds since 1970; 0 when nobody ever wrote down that all of it was whole."""
    not_whole: bool = False
    """Whether the last that somebody wrote down is that it was not."""


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
        self._tell(_Build(program))

    def tell_keys(self, active: Callable[[], Iterable[ActiveKey]]) -> None:
        """Tell with every answer since when keys have been in use."""
        self._tell(_Keys(active))

    def watch(self, backlog: Callable[[], Iterable[Backlog]], kinds: Iterable[str]) -> None:
        """Tell with every answer what waits in the outbox, of these kinds at least."""
        self._tell(_Waiting(backlog, tuple(kinds)))

    def watch_log(self, state: Callable[[], LogState]) -> None:
        """Tell with every answer how far the log is sealed."""
        self._tell(_Log(state))

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format."""
        if metrics_files.FOLDER not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        for look in self._looks:
            together.register(look)
        folder = Path(os.environ[metrics_files.FOLDER])
        metrics_files.settle(folder)
        with metrics_files.reading(folder):
            return generate_latest(together)

    def _tell(self, look: Collector) -> None:
        self._looks.append(look)
        self.registry.register(look)


class _Look(Collector):
    """Finds out as it is asked."""

    def describe(self) -> Iterator[Metric]:
        """Nothing: asking a store while a program is being built would be too early."""
        return iter(())


class _Build(_Look):
    def __init__(self, program: str) -> None:
        self._labels = (version("vad"), program)

    def collect(self) -> Iterator[Metric]:
        """Always 1."""
        build = GaugeMetricFamily("vad_build_info", "The release that runs.", labels=("version", "program"))
        build.add_metric(self._labels, 1)
        yield build


class _Keys(_Look):
    def __init__(self, active: Callable[[], Iterable[ActiveKey]]) -> None:
        self._active = active

    def collect(self) -> Iterator[Metric]:
        """One look at the key ring in memory."""
        since = GaugeMetricFamily(
            "vad_key_activated_timestamp_seconds",
            "When the active keys came into use, in seconds since 1970.",
            labels=("purpose", "algorithm"),
        )
        longest = GaugeMetricFamily(
            "vad_key_rotate_by_timestamp_seconds",
            "When the active keys should have been rotated, in seconds since 1970.",
            labels=("purpose", "algorithm"),
        )
        for each in self._active():
            since.add_metric((each.purpose, each.algorithm), each.since)
            if each.days is not None:
                longest.add_metric((each.purpose, each.algorithm), each.since + each.days * _DAY)
        yield since
        yield longest


class _Waiting(_Look):
    def __init__(self, backlog: Callable[[], Iterable[Backlog]], kinds: tuple[str, ...]) -> None:
        self._backlog = backlog
        self._kinds = kinds

    def collect(self) -> Iterator[Metric]:
        """One look into the outbox."""
        waiting = GaugeMetricFamily("vad_outbox_messages", "Messages not delivered yet.", labels=("kind", "state"))
        oldest = GaugeMetricFamily(
            "vad_outbox_oldest_seconds", "How long the oldest message waits to be delivered.", labels=("kind",)
        )
        try:
            found = {kind: Backlog(kind, 0, 0) for kind in self._kinds} | {each.kind: each for each in self._backlog()}
        except VadError:
            # No figure is better than a wrong one, and the others are told all the same.
            return
        for each in found.values():
            waiting.add_metric((each.kind, "waiting"), each.waiting)
            waiting.add_metric((each.kind, "given_up"), each.given_up)
            oldest.add_metric((each.kind,), each.oldest_seconds)
        yield waiting
        yield oldest


class _Log(_Look):
    def __init__(self, state: Callable[[], LogState]) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        """One look at the newest checkpoint, and at what came after it."""
        try:
            found = self._state()
        except VadError:
            return
        yield GaugeMetricFamily("vad_log_size", "Events in the tree of the log.", value=found.size)
        yield GaugeMetricFamily(
            "vad_log_checkpoint_timestamp_seconds",
            "When the newest checkpoint of the log was signed, in seconds since 1970.",
            value=found.signed_at,
        )
        yield GaugeMetricFamily(
            "vad_log_unsealed_seconds", "How long the oldest event waits to be sealed.", value=found.waiting
        )
        yield GaugeMetricFamily(
            "vad_log_verified_timestamp_seconds",
            "When somebody last wrote down that all of the log was whole, in seconds since 1970.",
            value=found.verified_at,
        )
        yield GaugeMetricFamily(
            "vad_log_not_whole", "1 while the last look at the log that counts found a fault.", value=found.not_whole
        )
