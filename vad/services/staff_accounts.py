"""Ending the account of somebody of the staff: at once, and for good (rule 44).

It takes one administrator: whoever has lost a role, or whose login was stolen, must be out within the minute. What it
can be misused for is seen: the others are told by mail, and an account can be enrolled anew under another name.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from vad.domain.errors import StaleFlowError
from vad.domain.identifiers import Sid, StaffId
from vad.domain.justification import Justification
from vad.domain.notice import Text
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_events import StaffAccountEnded
from vad.domain.staff_session import StaffAccount
from vad.services.ports.records import AuditLog, UnitOfWorkFactory
from vad.services.ports.staff import StaffAccounts
from vad.services.staff_alarms import StaffAlarms

PAGE: Final = 50
"""Accounts on a page."""
BY_STAFF, BY_OPERATOR = "by_staff", "by_operator"
"""Reasons of the event."""


@dataclass(frozen=True, slots=True)
class AccountsOfStaff:
    """The use case."""

    work: UnitOfWorkFactory
    alarms: StaffAlarms

    def listed(
        self, member: StaffMember, after: tuple[datetime, UUID] | None = None
    ) -> tuple[tuple[StaffAccount, ...], tuple[datetime, UUID] | None]:
        """A page of accounts, the newest first, and where it goes on. Raises `NotPermittedError`."""
        check(member, StaffAction.ACCOUNTS_VIEW)
        with self.work() as tx:
            found = tx.staff_accounts.listed(PAGE, after)
        return found, (found[-1].enrolled_at, found[-1].account) if len(found) == PAGE else None

    def end(
        self, member: StaffMember, account: StaffId, why: Justification, at: datetime, sid: Sid | None = None
    ) -> None:
        """End it. What its owner does from then on is refused, whatever browser or program they are logged in with.

        Raises `NotPermittedError`, `OwnCaseError`, and `StaleFlowError` for one that is none, or was ended before.
        """
        check(member, StaffAction.ACCOUNTS_END)
        with self.work() as tx:
            ended = tx.staff_accounts.end(account, at)
            if ended is None:
                raise StaleFlowError("there is no such account, or it was ended")
            check(member, StaffAction.ACCOUNTS_END, [ended.person])
            tx.audit.append(
                StaffAccountEnded(
                    staff=member.account,
                    represented=ended.person,
                    sid=sid,
                    reason=BY_STAFF,
                    evidence={"account": str(account)},
                    erasable=why.erasable,
                ),
                at=at,
            )
            self.alarms.tell(tx, Text.STAFF_ACCOUNT_ENDED, at)
            tx.commit()


def ended_by_operator(accounts: StaffAccounts, log: AuditLog, account: StaffId, at: datetime) -> bool:
    """End it in one transaction, for who runs VAD; False for one that is none, or was ended before."""
    ended = accounts.end(account, at)
    if ended is not None:
        evidence = {"account": str(account)}
        log.append(StaffAccountEnded(represented=ended.person, reason=BY_OPERATOR, evidence=evidence), at=at)
    return ended is not None
