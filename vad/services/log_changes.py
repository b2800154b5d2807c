"""Asking for something to be taken away from the log for good (rules 41 and 44, A4)."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from vad.domain.approval import OutdatedError
from vad.domain.identifiers import PersonId, RequestId
from vad.domain.justification import Justification
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.agreed_commands import ERASE, PURGE
from vad.services.approvals import Approvals
from vad.services.log_months import HeldMonth, first_day, held
from vad.services.ports.log_search import LoggedEvent
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def may_leave(month: date, years: int, at: datetime) -> bool:
    """Whether a month, named by its first day, has been kept for so many years."""
    return (month.year + years, month.month) < (at.year, at.month)


@dataclass(frozen=True, slots=True)
class LogChanges:
    """The use case. Raises what `Approvals` raises, and `OutdatedError` for what is not there to be taken away."""

    work: UnitOfWorkFactory
    approvals: Approvals
    years: int
    """How long a month is kept (`operator.log_years`)."""

    def ask_to_erase(self, member: StaffMember, event: str, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree that what this event keeps apart goes. Nobody whom the event is about decides it."""
        check(member, StaffAction.LOG_ERASE)
        with self.work() as tx:
            found = tx.log.event(_event_id(event))
            if found is None:
                raise OutdatedError("no_such_event")
            persons = sorted(map(str, _persons(tx, found)))
        if not found.erasable:
            raise OutdatedError("nothing_kept")
        # Whoever agrees may not search the log: this is what they have to know of it.
        payload: dict[str, object] = {
            "event": str(found.event_id),
            "event_type": found.type,
            "recorded_at": found.recorded_at.isoformat(timespec="seconds"),
        }
        payload |= {"staff": str(found.staff)} if found.staff else {}
        payload |= {"persons": persons} if persons else {}
        return self.approvals.request(member, ERASE, payload, why, at)

    def ask_to_purge(self, member: StaffMember, month: str, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree that a month that is in an archive leaves the database."""
        check(member, StaffAction.LOG_ERASE)
        first = _first_day(month)
        if not may_leave(first, self.years, at):
            raise OutdatedError("month_kept")
        with self.work() as tx:
            found = held(tx, first)
        found.check()
        return self.approvals.request(member, PURGE, {"month": month, "events": found.events}, why, at)

    def held(self, member: StaffMember, month: str) -> HeldMonth:
        """What there is of it now, for who asked for that and who may agree to it."""
        check(member, StaffAction.REQUESTS_VIEW)
        with self.work() as tx:
            return held(tx, first_day(month))


def _first_day(month: str) -> date:
    if not _MONTH.fullmatch(month):
        raise OutdatedError("month_kept")
    try:
        return first_day(month)
    except ValueError:
        raise OutdatedError("month_kept") from None


def _event_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise OutdatedError("no_such_event") from None


def _persons(tx: UnitOfWork, event: LoggedEvent) -> frozenset[PersonId]:
    """Whom it is about, and who of the staff did it: none of them lets their own words go."""
    account = None if event.staff is None else tx.staff_accounts.get(event.staff)
    return event.people | (frozenset() if account is None else {account.person})
