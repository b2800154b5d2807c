"""Whether the log is whole, for the page that says so: from what was verified before, up to now (rule 43).

What was verified is an event of the log itself, with the signed checkpoint up to which it held: whoever changes the
event can't sign another. So each look begins where the last one ended. It believes the keys of the settings; somebody
who believes nobody runs `vad audit verify` with a key and checkpoints of their own.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.checkpoint import CheckpointError, SignedCheckpoint, VerifierKey, Verify
from vad.domain.log_events import LogNotWhole, LogVerified
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.log_verifying import LogVerification, Report, Trusted
from vad.services.ports.log_reading import LogReading
from vad.services.ports.log_search import LogFilter, LoggedEvent
from vad.services.ports.records import UnitOfWorkFactory

MOST = 100_000
"""Events that one request can verify in its time. Beyond that the command does it, and writes down that it did."""
_REMEMBERED = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Wholeness:
    """What is known without looking."""

    size: int
    """Events in the tree that was signed last; 0 where nothing was signed yet."""
    verified: LoggedEvent | None
    """The last time that all was found whole."""
    broken: LoggedEvent | None
    """The last time that it was not, if that was later."""
    upto: int
    """Events that were verified then."""

    @property
    def too_much(self) -> bool:
        """Whether a request has no time for what is left."""
        return self.size - self.upto > MOST


@dataclass(frozen=True, slots=True)
class LogWholeness:
    """The use case. Raises `NotPermittedError`."""

    work: UnitOfWorkFactory
    reading: Callable[[], AbstractContextManager[LogReading]]
    keys: Sequence[VerifierKey]
    verify: Verify

    def known(self, member: StaffMember, at: datetime) -> Wholeness:
        """What the log says of itself, and when somebody last saw that it is so."""
        check(member, StaffAction.LOG_VERIFY)
        with self.reading() as log:
            newest = log.newest()
        verified, broken = self._last(LogVerified.type, at), self._last(LogNotWhole.type, at)
        if broken is not None and verified is not None and broken.recorded_at < verified.recorded_at:
            broken = None
        start = self._start(verified)
        return Wholeness(newest.size if newest else 0, verified, broken, start.checkpoint.size if start else 0)

    def look(self, member: StaffMember, at: datetime) -> Report | None:
        """Verify what came since the last time, and write down what was found.

        None where that is too much, or where nothing was sealed yet.
        """
        known = self.known(member, at)
        if known.too_much or not known.size:
            return None
        start = self._start(known.verified)
        with self.reading() as log:
            newest = log.newest()
            trusted = Trusted(keys=self.keys, verify=self.verify, start=start)
            report = LogVerification(log, trusted, lambda _done, _size: None).run()
        told = outcome(report, newest.note if newest else "")
        with self.work() as tx:
            tx.audit.append(type(told)(staff=member.account, reason=told.reason, evidence=told.evidence), at=at)
            tx.commit()
        return report

    def _last(self, kind: str, at: datetime) -> LoggedEvent | None:
        wanted = LogFilter(since=at - _REMEMBERED, until=at + timedelta(minutes=1), types=(kind,))
        with self.work() as tx:
            return next(iter(tx.log.find(wanted, 1)), None)

    def _start(self, verified: LoggedEvent | None) -> SignedCheckpoint | None:
        """Where to begin: at a checkpoint that one of our keys signed, or at the first event."""
        if verified is None:
            return None
        try:
            start = SignedCheckpoint.parse(str(verified.evidence.get("checkpoint", "")))
            start.signed_by(self.keys, self.verify)
        except CheckpointError:
            return None
        return start


def outcome(report: Report, note: str) -> LogVerified | LogNotWhole:
    """The event of a verification. `note` is the checkpoint that was the newest when it began."""
    seen: dict[str, object] = {"size": report.size, "root": report.root.hex(), "checked": report.checked}
    if not report.trouble:
        return LogVerified(evidence={**seen, "checkpoint": note})
    first = report.found[0]
    return LogNotWhole(
        reason=first.fault.value,
        evidence={**seen, "trouble": report.trouble, "first": first.index, "event": first.event_id},
    )
