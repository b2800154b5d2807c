"""Figures that are found out as somebody asks for them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from vad.domain.errors import VadError
from vad.domain.identifiers import ClientId, ResourceId
from vad.services.ports.outbox import Backlog

_DAY = 86_400


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
class CertifiedKey:
    """One key that signs tokens, or will, and has a certificate."""

    algorithm: str
    state: str
    ends: float
    """When that ends, in seconds since 1970; 0: it is none that VAD publishes."""


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
    """Whether somebody wrote down that it was not, and nobody since that the same place was."""
    unthinned: float = 0.0
    """For how many seconds the oldest checkpoints that need not stay have waited to be dropped; 0: there are none."""
    key_since: float = 0.0
    """When it was first signed with the key of now, in seconds since 1970; 0 when nothing was ever signed."""


class Look(Collector):
    """Finds out as it is asked."""

    def describe(self) -> Iterator[Metric]:
        """Nothing: asking a store while a program is being built would be too early."""
        return iter(())


class Build(Look):
    """The release that runs."""

    def __init__(self, program: str) -> None:
        self._labels = (version("vad"), program)

    def collect(self) -> Iterator[Metric]:
        """Always 1."""
        build = GaugeMetricFamily("vad_build_info", "The release that runs.", labels=("version", "program"))
        build.add_metric(self._labels, 1)
        yield build


class Keys(Look):
    """The keys of VAD."""

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


class Certificates(Look):
    """The certificates of keys that sign tokens."""

    def __init__(self, certified: Callable[[], Iterable[CertifiedKey]]) -> None:
        self._certified = certified

    def collect(self) -> Iterator[Metric]:
        """One look at the keys in memory; no figure where none has a certificate."""
        found: dict[tuple[str, str], float] = {}
        for each in self._certified():
            labels = each.algorithm, each.state
            found[labels] = min(each.ends, found.get(labels, each.ends))
        ends = GaugeMetricFamily(
            "vad_signing_certificate_expires_timestamp_seconds",
            "When the certificate of a signing key ends, in seconds since 1970; of the keys that have one.",
            labels=("algorithm", "state"),
        )
        for labels, at in found.items():
            ends.add_metric(labels, at)
        yield ends


class Waiting(Look):
    """The outbox."""

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


class Log(Look):
    """The sealed log."""

    def __init__(self, state: Callable[[], LogState], key_days: int) -> None:
        self._state = state
        self._key_days = key_days

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
            "vad_log_not_whole", "1 while a fault was found that no look since makes up for.", value=found.not_whole
        )
        yield GaugeMetricFamily(
            "vad_log_unthinned_seconds",
            "How long the oldest checkpoints that need not stay wait to be dropped.",
            value=found.unthinned,
        )
        yield GaugeMetricFamily(
            "vad_log_key_since_timestamp_seconds",
            "When the log was first signed with the key that signs it now, in seconds since 1970.",
            value=found.key_since,
        )
        if found.key_since:
            yield GaugeMetricFamily(
                "vad_log_key_rotate_by_timestamp_seconds",
                "When the key that signs the log should have been changed, in seconds since 1970.",
                value=found.key_since + self._key_days * _DAY,
            )


class Reviews(Look):
    """Emergency access of staff."""

    def __init__(self, overdue: Callable[[], int | None]) -> None:
        self._overdue = overdue

    def collect(self) -> Iterator[Metric]:
        """What the last look found; no figure before there was one."""
        found = self._overdue()
        if found is not None:
            yield GaugeMetricFamily(
                "vad_break_glass_reviews_overdue",
                "Emergency access of staff that nobody has looked into in time.",
                value=found,
            )


class ClientKeys(Look):
    """The keys of apps."""

    def __init__(self, ends: Callable[[], Mapping[ClientId, float] | None], unread: Callable[[], int]) -> None:
        self._ends = ends
        self._unread = unread

    def collect(self) -> Iterator[Metric]:
        """What the last look found; no figure before there was one."""
        found = self._ends()
        if found is None:
            return
        ends = GaugeMetricFamily(
            "vad_client_key_expires_timestamp_seconds",
            "When an app in service will be without a key, in seconds since 1970; of those whose keys end.",
            labels=("client_id",),
        )
        for client_id, at in found.items():
            ends.add_metric((client_id,), at)
        yield ends
        yield GaugeMetricFamily(
            "vad_client_keys_unread", "Apps that publish their keys, which nobody could read yet.", value=self._unread()
        )


class SourceKeys(Look):
    """The keys with which VAD encrypts for data sources."""

    def __init__(self, ends: Callable[[], Mapping[ResourceId, float] | None]) -> None:
        self._ends = ends

    def collect(self) -> Iterator[Metric]:
        """What the last look found; no figure before there was one."""
        found = self._ends()
        if found is None:
            return
        ends = GaugeMetricFamily(
            "vad_source_key_expires_timestamp_seconds",
            "When the key of a data source in service ends, in seconds since 1970; of those whose key ends.",
            labels=("resource",),
        )
        for resource, at in found.items():
            ends.add_metric((resource,), at)
        yield ends
