"""Whether the log is whole, for the page that says so: all of it, each time somebody asks (rule 43).

Nothing that the database says of an earlier look is believed: whoever can add to the log could have made that up, and
what was whole then may have been changed since. Where all is too much for one request, the command does it
(`vad audit verify --record`), and the page tells what that found. Both believe the keys of the settings; somebody who
believes nobody runs the command with a key and checkpoints of their own.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.checkpoint import VerifierKey, Verify
from vad.domain.log_events import LogNotWhole, LogVerified
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.log_verifying import LogVerification, Report, Trusted, first_kept
from vad.services.ports.log_reading import LogReading
from vad.services.ports.log_search import LogFilter, LoggedEvent
from vad.services.ports.records import UnitOfWorkFactory

MOST = 50_000
"""Events that one request can verify in its time."""
_REMEMBERED = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Wholeness:
    """What is known without looking."""

    size: int
    """Events in the tree that was signed last; 0 where nothing was signed yet."""
    verified: LoggedEvent | None
    """The last time that somebody wrote down that all was whole."""
    broken: LoggedEvent | None
    """The last time that it was not, if that was later."""

    @property
    def too_much(self) -> bool:
        """Whether a request has no time for all of it."""
        return self.size > MOST


@dataclass(frozen=True, slots=True)
class LogWholeness:
    """The use case. Raises `NotPermittedError`."""

    work: UnitOfWorkFactory
    reading: Callable[[], AbstractContextManager[LogReading]]
    keys: Sequence[VerifierKey]
    verify: Verify
    years: int | None = None
    """How long the log is kept, where that is known."""

    def known(self, member: StaffMember, at: datetime) -> Wholeness:
        """What the log says of itself, and when somebody last saw that it is so."""
        check(member, StaffAction.LOG_VERIFY)
        with self.reading() as log:
            newest = log.newest()
        verified, broken = self._last(LogVerified.type, at), self._last(LogNotWhole.type, at)
        if broken is not None and verified is not None and broken.recorded_at < verified.recorded_at:
            broken = None
        return Wholeness(newest.size if newest else 0, verified, broken)

    def look(self, member: StaffMember, at: datetime) -> Report | None:
        """Verify all of it, and write down what was found.

        None where that is too much, or where nothing was sealed yet.
        """
        known = self.known(member, at)
        if known.too_much or not known.size:
            return None
        with self.reading() as log:
            kept_from = first_kept(self.years, at) if self.years is not None else None
            trusted = Trusted(keys=self.keys, verify=self.verify, kept_from=kept_from)
            report = LogVerification(log, trusted, lambda _done, _size: None).run()
        told = outcome(report)
        with self.work() as tx:
            tx.audit.append(type(told)(staff=member.account, reason=told.reason, evidence=told.evidence), at=at)
            tx.commit()
        return report

    def _last(self, kind: str, at: datetime) -> LoggedEvent | None:
        wanted = LogFilter(since=at - _REMEMBERED, until=at + timedelta(minutes=1), types=(kind,))
        with self.work() as tx:
            return next(iter(tx.log.find(wanted, 1)), None)


def outcome(report: Report) -> LogVerified | LogNotWhole:
    """The event of a verification."""
    seen: dict[str, object] = {"size": report.size, "root": report.root.hex(), "checked": report.checked}
    if report.untold:
        seen["untold"] = report.untold
    if not report.trouble:
        return LogVerified(evidence=seen)
    first = report.found[0]
    return LogNotWhole(
        reason=first.fault.value,
        evidence={**seen, "trouble": report.trouble, "first": first.index, "event": first.event_id},
    )
