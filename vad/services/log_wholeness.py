"""Whether the log is whole, for the page that says so: as much of it as a request has time for (rule 43).

Nothing that the database says of an earlier look is believed: whoever can add to the log could have made that up, and
what was whole then may have been changed since. Where all is too much for one request, the page hashes the newest
events again, from a signed checkpoint on whose tree it can prove, and says so; the rest is done by the command
(`vad audit verify --record`), and the page tells what that found. Both believe the keys of the settings; somebody who
believes nobody runs the command with a key and checkpoints of their own.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.checkpoint import CheckpointError, SignedCheckpoint, VerifierKey, Verify
from vad.domain.errors import LogNotPublishedError
from vad.domain.log_events import LogNotWhole, LogVerified
from vad.domain.log_tiles import LogTreeError, TiledTree
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.log_report import Fault, Report
from vad.services.log_verifying import LogVerification, Trusted, first_kept
from vad.services.ports.log_reading import LogReading, ReadCheckpoint
from vad.services.ports.log_search import LogFilter, LoggedEvent
from vad.services.ports.records import UnitOfWorkFactory

MOST = 50_000
"""Events that one request can verify in its time."""
_REMEMBERED = timedelta(days=400)
_LOOKS = 500
"""Of late, among which one at all of it is sought."""


@dataclass(frozen=True, slots=True)
class Wholeness:
    """What is known without looking."""

    size: int
    """Events in the tree that was signed last; 0 where nothing was signed yet."""
    signed: SignedCheckpoint | None
    """What was signed last, to be kept; None where there is nothing that can be read as such."""
    verified: LoggedEvent | None
    """The last time that somebody wrote down that all was whole. A look at a part of it is none."""
    broken: LoggedEvent | None
    """The last time that it was not, unless the place was looked at again since and found whole."""


@dataclass(frozen=True, slots=True)
class LogWholeness:
    """The use case. Raises `NotPermittedError`."""

    work: UnitOfWorkFactory
    reading: Callable[[], AbstractContextManager[LogReading]]
    keys: Sequence[VerifierKey]
    verify: Verify
    years: int | None = None
    """How long the log is kept, where that is known."""
    most: int = MOST
    published: Callable[[], SignedCheckpoint | None] = lambda: None
    """What was published last outside the database. May raise `LogNotPublishedError`."""

    def known(self, member: StaffMember, at: datetime) -> Wholeness:
        """What the log says of itself, and when somebody last saw that it is so."""
        check(member, StaffAction.LOG_VERIFY)
        with self.reading() as log:
            newest = log.newest()
        whole = [each for each in self._looks(LogVerified.type, at) if not each.evidence.get("part")]
        found = self._looks(LogNotWhole.type, at)
        broken = (each for each in found if not any(_makes_up(good, each) for good in whole))
        verified = (each for each in whole if not each.evidence.get("from"))
        return Wholeness(newest.size if newest else 0, _signed(newest), next(verified, None), next(broken, None))

    def look(self, member: StaffMember, at: datetime, held: SignedCheckpoint | None = None) -> Report | None:
        """Verify it, or the newest events where all is too much, and write down what was found.

        It is held against what was published outside the database, what was last verified, and `held`: a checkpoint
        that somebody kept. None where nothing was sealed yet. Raises `CheckpointError` where none of ours signed that.
        """
        known = self.known(member, at)
        if not known.size:
            return None
        if held is not None:
            held.signed_by(self.keys, self.verify)
        outside = [*self._outside(), *filter(None, [held])]  # first: what comes meanwhile is not missing from the log
        with self.reading() as log:
            report = self._verified(log, known.size, at, outside)
            if known.verified is not None:
                _hold_against(known.verified, log, report)
        told = outcome(report)
        with self.work() as tx:
            tx.audit.append(type(told)(staff=member.account, reason=told.reason, evidence=told.evidence), at=at)
            tx.commit()
        return report

    def _outside(self) -> Sequence[SignedCheckpoint]:
        try:
            found = self.published()
        except LogNotPublishedError:
            # The worker tells that, and tries again; here there is less to hold the log against.
            return ()
        return () if found is None else (found,)

    def _verified(self, log: LogReading, size: int, at: datetime, outside: Sequence[SignedCheckpoint]) -> Report:
        kept_from = first_kept(self.years, at) if self.years is not None else None
        first = log.first_from(size - self.most) if size > self.most else None
        try:
            start = SignedCheckpoint.parse(first.note) if first is not None else None
            part = start is not None
            trusted = Trusted(self.keys, self.verify, outside, start=start, kept_from=kept_from, part=part)
            verification = LogVerification(log, trusted, lambda _done, _size: None)
        except CheckpointError as error:
            report = Report(size)
            report.add(0, Fault.CONTRADICTED, f"a checkpoint is none of ours: {error}")
            return report
        return verification.run()

    def _looks(self, kind: str, at: datetime) -> Sequence[LoggedEvent]:
        wanted = LogFilter(since=at - _REMEMBERED, until=at + timedelta(minutes=1), types=(kind,))
        with self.work() as tx:
            return tx.log.find(wanted, _LOOKS)


def _signed(newest: ReadCheckpoint | None) -> SignedCheckpoint | None:
    try:
        return SignedCheckpoint.parse(newest.note) if newest else None
    except CheckpointError:
        # Somebody wrote over it: looking says that the log is not whole.
        return None


def _makes_up(whole: LoggedEvent, broken: LoggedEvent) -> bool:
    """Whether one that found it whole came later, and began at or before what was wrong."""
    begun, since = whole.evidence.get("from", 0), broken.evidence.get("since", 0)
    if not isinstance(begun, int) or not isinstance(since, int):
        return False
    return whole.recorded_at > broken.recorded_at and begun <= since


def _hold_against(verified: LoggedEvent, log: LogReading, report: Report) -> None:
    """See that the log begins with what was verified then."""
    size, root = verified.evidence.get("size"), verified.evidence.get("root")
    if not isinstance(size, int) or not isinstance(root, str) or not 0 < size <= report.size:
        return
    try:
        now = TiledTree(report.size, log.tiles).hashes([(0, size)])[0].hex()
    except LogTreeError as error:
        report.add(0, Fault.CONTRADICTED, str(error))
        return
    if now != root:
        report.add(0, Fault.CONTRADICTED, f"what was verified of {size} events says otherwise", str(verified.event_id))


def outcome(report: Report) -> LogVerified | LogNotWhole:
    """The event of a verification."""
    seen: dict[str, object] = {"size": report.size, "root": report.root.hex(), "checked": report.checked}
    if report.begun:
        seen["from"] = report.begun
    if report.part:
        seen["part"] = True
    if report.untold:
        seen["untold"] = report.untold
    if not report.trouble:
        return LogVerified(evidence=seen)
    first = report.found[0]
    return LogNotWhole(
        reason=first.fault.value,
        evidence={
            **seen,
            "trouble": report.trouble,
            "first": first.index,
            "since": report.earliest,
            "event": first.event_id,
        },
    )
