"""Taking a view outside one's role, and looking into it afterwards (rule 44)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from vad.domain.break_glass import LIFE, REVIEW_WITHIN, BreakGlass, Verdict, check_taking
from vad.domain.errors import StaleFlowError
from vad.domain.identifiers import BreakGlassId, Sid
from vad.domain.justification import Justification
from vad.domain.notice import Text
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_events import BreakGlassReviewed, BreakGlassTaken, StaffViewed
from vad.services.ports.log_search import LogFilter, LoggedEvent
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import Randomness
from vad.services.staff_alarms import StaffAlarms
from vad.services.tokens import SECURITY_ALERT

_SHOWN = timedelta(days=400)
"""So far back an access review looks."""
MOST_VIEWS = 200
"""That are shown of one access: more in an hour no hand does, and the log has them all."""
_LOOKED_THROUGH = 2000
"""Views of that hour, with it or without."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What nobody has looked into yet."""

    number: int
    overdue: int
    """Of them, those that somebody should have looked into by now."""


@dataclass(frozen=True, slots=True)
class BreakGlassAccess:
    """The use case."""

    work: UnitOfWorkFactory
    random: Randomness
    alarms: StaffAlarms

    def held(self, member: StaffMember, at: datetime) -> tuple[BreakGlass, ...]:
        """What this account took and still holds."""
        with self.work() as tx:
            return tx.break_glass.held(member.account, at)

    def take(
        self, member: StaffMember, action: StaffAction, why: Justification, at: datetime, sid: Sid | None = None
    ) -> BreakGlass:
        """Take it: an event, an alarm to who runs VAD and mail to administrators, before it counts.

        Raises `NotPermittedError`.
        """
        check_taking(member, action)
        taken = BreakGlass(
            BreakGlassId(self.random.uuid()),
            member.account,
            member.person,
            action,
            why.reason,
            why.case_number,
            taken_at=at,
            ends_at=at + LIFE,
        )
        named = {"break_glass": str(taken.break_glass_id), "action": action.value}
        with self.work() as tx:
            tx.break_glass.add(taken)
            tx.audit.append(
                BreakGlassTaken(staff=member.account, sid=sid, evidence=named, erasable=why.erasable), at=at
            )
            tx.outbox.add(SECURITY_ALERT, {"reason": "break_glass", "staff": str(member.account), **named}, at)
            self.alarms.tell(tx, Text.BREAK_GLASS_TAKEN, at)
            tx.commit()
        return taken

    def all(self, member: StaffMember, at: datetime) -> tuple[BreakGlass, ...]:
        """What was taken: first what nobody has looked into yet, the oldest first; then the rest, newest first."""
        check(member, StaffAction.BREAK_GLASS_VIEW)
        with self.work() as tx:
            return tx.break_glass.since(at - _SHOWN)

    def views(self, member: StaffMember, name: BreakGlassId) -> tuple[BreakGlass, tuple[LoggedEvent, ...]] | None:
        """One of them, and what was looked at with it, the newest first: `MOST_VIEWS` and one, where there are more."""
        check(member, StaffAction.BREAK_GLASS_VIEW)
        with self.work() as tx:
            taken = tx.break_glass.get(name)
            if taken is None:
                return None
            wanted = LogFilter(
                since=taken.taken_at, until=taken.ends_at, staff=taken.account, types=(StaffViewed.type,)
            )
            found = tx.log.find(wanted, _LOOKED_THROUGH)
        theirs = (each for each in found if _with_it(each, taken))
        return taken, tuple(islice(theirs, MOST_VIEWS + 1))

    def waiting(self, member: StaffMember, at: datetime) -> Waiting:
        """How many this member could look into, for the page that everybody begins at: none without the right."""
        if not member.may(StaffAction.BREAK_GLASS_REVIEW):
            return Waiting(0, 0)
        with self.work() as tx:
            found = tx.break_glass.since(at)
        theirs = [each for each in found if each.reviewed_at is None and each.person != member.person]
        return Waiting(len(theirs), sum(each.overdue(at) for each in theirs))

    def review(
        self, member: StaffMember, name: BreakGlassId, verdict: Verdict, at: datetime, sid: Sid | None = None
    ) -> None:
        """Say what was found. Raises `NotPermittedError`, `OwnCaseError`, and `StaleFlowError` for what is over."""
        check(member, StaffAction.BREAK_GLASS_REVIEW)
        with self.work() as tx:
            taken = tx.break_glass.get(name)
            if taken is None:
                raise StaleFlowError("there is no such access")
            check(member, StaffAction.BREAK_GLASS_REVIEW, [taken.person])
            if not tx.break_glass.review(name, member, verdict, at):
                raise StaleFlowError("somebody has looked into it")
            tx.audit.append(
                BreakGlassReviewed(
                    staff=member.account,
                    sid=sid,
                    reason=verdict.value,
                    evidence={"break_glass": str(name), "action": taken.action.value, "by": str(taken.account)},
                ),
                at=at,
            )
            tx.commit()


def _with_it(event: LoggedEvent, taken: BreakGlass) -> bool:
    return event.evidence.get("break_glass") is True and event.evidence.get("action") == taken.action


@dataclass(slots=True)
class ReviewWatch:
    """A chore of the worker: counts what somebody should have looked into by now."""

    work: UnitOfWorkFactory
    overdue: int | None = None
    """None before the first look."""

    def __call__(self, at: datetime) -> int:
        """Look; there is never anything left to do."""
        with self.work() as tx:
            self.overdue = tx.break_glass.unreviewed(at - REVIEW_WITHIN)
        return 0
