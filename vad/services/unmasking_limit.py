"""How many people one of the staff is shown by themselves: beyond it another must agree (rules 40 and 44).

Showing many takes two people (`vad.services.unmasking`). Without a limit the same list is had one by one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vad.domain.errors import VadError
from vad.domain.identifiers import PersonId, Sid
from vad.domain.staff import StaffAction, StaffMember
from vad.domain.staff_events import StaffRefused
from vad.services.ports.records import UnitOfWork
from vad.services.tokens import SECURITY_ALERT

PERIOD: Final = timedelta(days=1)
TOO_MANY: Final = "too_many_shown"


class TooManyShownError(VadError):
    """This member of staff was shown as many people as one may be alone."""


@dataclass(frozen=True, slots=True)
class UnmaskingLimit:
    """The rule, within the unit of work that shows somebody."""

    most: int
    """Different people in any 24 hours. Whoever has several accounts is one person."""

    def take(
        self,
        tx: UnitOfWork,
        member: StaffMember,
        action: StaffAction,
        person_id: PersonId,
        at: datetime,
        sid: Sid | None = None,
    ) -> None:
        """Let this one be shown too. The last that may be raises an alarm to who runs VAD.

        Raises `TooManyShownError` where it is one too many; that is an event, and nothing else of `tx` may be pending.
        """
        shown = tx.staff_accounts.shown(member.person, at - PERIOD)
        if person_id in shown:
            return
        told = {"action": action.value, "people": len(shown)}
        if len(shown) >= self.most:
            refused = StaffRefused(staff=member.account, sid=sid, reason=TOO_MANY, evidence=told)
            tx.audit.append(refused, at=at)
            tx.commit()
            raise TooManyShownError
        if len(shown) + 1 == self.most:
            tx.outbox.add(SECURITY_ALERT, {"reason": TOO_MANY, "staff": str(member.account), "people": self.most}, at)
