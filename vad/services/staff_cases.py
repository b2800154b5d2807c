"""What the helpdesk does with cases: see, take, note, answer (rules 40 and 44). Nobody touches a case of their own.

A case is also of whoever did what it is about: as a citizen, or with an account of staff.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vad.domain.audit import AuditEvent
from vad.domain.case import Case, CaseOutcome, CaseState, CaseText, TextKind, tidy
from vad.domain.case_events import CaseClosed, CaseNoted, CasesListed, CaseTaken, CaseViewed
from vad.domain.identifiers import CaseId, PersonId, Sid
from vad.domain.notice import Notice
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.notifications import tell
from vad.services.ports.log_search import LoggedEvent
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Randomness

MOST: Final = 50
"""Cases of one state on the page: the oldest, which have waited longest."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with all that was written in it, and what it is about."""

    case: Case
    texts: tuple[CaseText, ...]
    event: LoggedEvent | None = None
    """What the person had seen of it as well; None where they named none, or where the log has it no more."""


@dataclass(frozen=True, slots=True)
class StaffCases:
    """The use cases. Each checks the right itself, and says what was done in the log."""

    work: UnitOfWorkFactory
    random: Randomness

    def listed(self, member: StaffMember, at: datetime, sid: Sid | None = None) -> tuple[Case, ...]:
        """What waits, the oldest first: open, and then taken."""
        check(member, StaffAction.CASES_VIEW)
        with self.work() as tx:
            tx.audit.append(CasesListed(staff=member.account, sid=sid), at=at)
            tx.commit()
        with self.work() as tx:
            return tx.cases.listed(CaseState.OPEN, None, MOST) + tx.cases.listed(CaseState.TAKEN, None, MOST)

    def view(self, member: StaffMember, case_id: CaseId, at: datetime, sid: Sid | None = None) -> Opened | None:
        """One case. Raises `OwnCaseError` for one's own, also for what one did; None where there is no such case."""
        with self.work() as tx:
            case, event = self._checked(tx, member, StaffAction.CASES_VIEW, case_id)
            if case is None:
                return None
            tx.audit.append(_event(CaseViewed, member, case, sid), at=at)
            texts = tx.cases.texts([case_id])
            tx.commit()
        return Opened(case, texts, event)

    def take(self, member: StaffMember, case_id: CaseId, at: datetime, sid: Sid | None = None) -> bool:
        """Take it upon oneself, also from another who has it."""
        with self.work() as tx:
            case, _ = self._checked(tx, member, StaffAction.CASES_HANDLE, case_id)
            if case is None or not tx.cases.take(case_id, member.account, at):
                return False
            tx.audit.append(_event(CaseTaken, member, case, sid), at=at)
            tx.commit()
        return True

    def note(self, member: StaffMember, case_id: CaseId, written: str, at: datetime, sid: Sid | None = None) -> bool:
        """Write something down for colleagues. False where it says too little, or too much."""
        text = tidy(written)
        with self.work() as tx:
            case, _ = self._checked(tx, member, StaffAction.CASES_HANDLE, case_id)
            if case is None or text is None:
                return False
            tx.cases.write(CaseText(self.random.uuid(), case_id, TextKind.NOTE, at, text, member.account))
            tx.audit.append(_event(CaseNoted, member, case, sid), at=at)
            tx.commit()
        return True

    def close(
        self,
        member: StaffMember,
        case_id: CaseId,
        outcome: CaseOutcome,
        written: str,
        at: datetime,
        sid: Sid | None = None,
    ) -> bool:
        """Answer the person, who is told that there is an answer. False where it is another's, or says little."""
        text = tidy(written)
        with self.work() as tx:
            case, _ = self._checked(tx, member, StaffAction.CASES_HANDLE, case_id)
            if case is None or text is None or not tx.cases.close(case_id, member.account, outcome, at):
                return False
            tx.cases.write(CaseText(self.random.uuid(), case_id, TextKind.ANSWER, at, text, member.account))
            tx.audit.append(_event(CaseClosed, member, case, sid, outcome), at=at)
            tell(tx, case.person_id, Notice.CASE_ANSWERED, at, about=str(case_id), by_post=case.reach == "letter")
            tx.commit()
        return True

    @staticmethod
    def _checked(
        tx: UnitOfWork, member: StaffMember, action: StaffAction, case_id: CaseId
    ) -> tuple[Case | None, LoggedEvent | None]:
        check(member, action)
        case = tx.cases.get(case_id)
        if case is None:
            return None, None
        check(member, action, [case.person_id])
        event = tx.log.event(case.event_id) if case.event_id else None
        if event is not None:
            check(member, action, event.people | _who_did(tx, event))
        return case, event


def _who_did(tx: UnitOfWork, event: LoggedEvent) -> frozenset[PersonId]:
    """The person behind the account of staff that did it, whichever of their accounts looks now."""
    account = tx.staff_accounts.get(event.staff) if event.staff else None
    return frozenset({account.person} if account else ())


def _event(
    kind: type[AuditEvent], member: StaffMember, case: Case, sid: Sid | None, outcome: CaseOutcome | None = None
) -> AuditEvent:
    return kind(
        staff=member.account,
        represented=case.person_id,
        sid=sid,
        reason=outcome.value if outcome else None,
        evidence={"case": case.reference},
    )
