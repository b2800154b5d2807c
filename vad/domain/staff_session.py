"""The login of a member of staff: who their identity provider says they are, and how long that holds (rule 44)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from vad.domain.identifiers import PersonId, Sid, StaffId
from vad.domain.staff import StaffAction, StaffMember, StaffRole

IDLE_LIFE = timedelta(minutes=15)
ABSOLUTE_LIFE = timedelta(hours=8)
"""A working day: no login lasts longer, whatever the operator set."""

CLOCKS_APART = timedelta(minutes=1)
"""So far may the clocks of the machines that serve staff be apart."""


class StaffLoginFailure(StrEnum):
    """Why a member of staff was not let in, as far as they need to know."""

    CANCELLED = "cancelled"
    FAILED = "failed"
    LEVEL = "level"
    """They proved who they are in a weaker way than is demanded."""
    NO_ROLE = "no_role"
    """Their identity provider names no role that exists here."""
    ENDED = "ended"
    """The account was ended here."""
    UNAVAILABLE = "unavailable"


class EnrolmentFailure(StrEnum):
    """Why the person behind an account could not be told."""

    CANCELLED = "cancelled"
    FAILED = "failed"
    LEVEL = "level"
    REPRESENTING = "representing"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """An account at the identity provider, and the person who proved with their own DigiD that it is theirs."""

    account: StaffId
    issuer: str
    subject: str
    """`sub` of the identity provider (OIDC Core section 2)."""
    person: PersonId
    enrolled_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StaffSession:
    """One login of one account in one browser."""

    sid: Sid
    issuer: str
    subject: str
    roles: frozenset[StaffRole]
    auth_time: datetime
    last_active: datetime
    ends_at: datetime
    """The absolute end: whoever is still there then proves again who they are, and their roles are told anew."""
    account: StaffId | None = None
    """None until it is known whose account it is: until then nothing is to be seen."""
    person: PersonId | None = None

    def live(self, at: datetime) -> bool:
        """Whether it still holds. One that was used in the future doesn't: nobody knows how long ago that was."""
        return at < self.ends_at and self.last_active - CLOCKS_APART <= at < self.last_active + IDLE_LIFE

    def active(self, at: datetime) -> "StaffSession":
        """The same after a request at `at`."""
        return replace(self, last_active=max(self.last_active, at))

    def of(self, known: StaffAccount) -> "StaffSession":
        """The same, now that it is known whose it is."""
        return replace(self, account=known.account, person=known.person)

    def member(self, taken: frozenset[StaffAction] = frozenset()) -> StaffMember | None:
        """Who may do what; None while nobody knows whose account it is."""
        if self.account is None or self.person is None:
            return None
        return StaffMember(self.account, self.person, self.roles, taken)
