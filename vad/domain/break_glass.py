"""Break-glass access: a view outside one's role, for an hour, loudly, and looked into afterwards (rule 44)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vad.domain.errors import NotPermittedError
from vad.domain.identifiers import BreakGlassId, PersonId, StaffId
from vad.domain.staff import CHANGES, NEEDS_REASON, StaffAction, StaffMember, check

LIFE = timedelta(minutes=60)
REVIEW_WITHIN = timedelta(days=3)
"""After that it is overdue, and everybody who may review it sees so."""
TAKEABLE: frozenset[StaffAction] = frozenset(StaffAction) - CHANGES - NEEDS_REASON - {StaffAction.BREAK_GLASS_VIEW}
"""Views alone: in no emergency anything is changed, taken away or unmasked by somebody whose work that is not."""


class Verdict(StrEnum):
    """What another person found."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not_justified"


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """One view that somebody took."""

    break_glass_id: BreakGlassId
    account: StaffId
    person: PersonId
    action: StaffAction
    reason: str
    case_number: str
    taken_at: datetime
    ends_at: datetime
    reviewed_at: datetime | None = None
    verdict: Verdict | None = None

    def live(self, at: datetime) -> bool:
        """Whether it holds."""
        return self.taken_at <= at < self.ends_at

    def overdue(self, at: datetime) -> bool:
        """Whether another person should have looked into it by now."""
        return self.reviewed_at is None and at >= self.taken_at + REVIEW_WITHIN


def takeable(member: StaffMember) -> tuple[StaffAction, ...]:
    """What this member may take: what can be taken, and they don't hold."""
    if not member.may(StaffAction.BREAK_GLASS_USE):
        return ()
    return tuple(action for action in StaffAction if action in TAKEABLE and not member.may(action))


def check_taking(member: StaffMember, action: StaffAction) -> None:
    """Raise `NotPermittedError` unless this member may take this view."""
    check(member, StaffAction.BREAK_GLASS_USE)
    if action not in takeable(member):
        raise NotPermittedError(action)
