"""Four eyes: what one of the staff asks for, another person decides (rule 44). Pure: who may decide, and when.

What is asked for is a payload of one kind, which never changes: what another person agrees to is what they were shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from vad.domain.errors import VadError
from vad.domain.identifiers import ClientId, PersonId, RequestId, ResourceId, StaffId
from vad.domain.staff import StaffAction, StaffMember, check


class RequestState(StrEnum):
    """Where a request is in its life. Only what was requested moves, and only once."""

    REQUESTED = "requested"
    APPROVED = "approved"
    """Another person agreed, and what was asked for was done in the same moment."""
    REFUSED = "refused"
    """Another person said no, or what it rested on had changed meanwhile."""
    WITHDRAWN = "withdrawn"
    """Whoever asked took it back."""
    EXPIRED = "expired"
    """Nobody decided in time."""


class ApprovalFault(StrEnum):
    """Why nothing was decided."""

    OWN_REQUEST = "own_request"
    """It takes another person than whoever asked, by whatever account."""
    OVER = "over"
    """It was decided, taken back or too old already."""
    NOT_YOURS = "not_yours"
    """Only whoever asked takes it back."""


class ApprovalError(VadError):
    """Nothing was decided, and nothing was changed."""

    def __init__(self, why: ApprovalFault) -> None:
        super().__init__(why)
        self.why = why


class OutdatedError(VadError):
    """What a request asks for can't be done as it was asked any more. `why` is a code that the page has words for."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what a request is about, as far as the log has columns for it."""

    concerning: frozenset[PersonId] = frozenset()
    """Everybody whose case it is: none of them asks for it or decides it."""
    represented: PersonId | None = None
    client_id: ClientId | None = None
    resource: ResourceId | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    """What else names it: ids alone, no names."""


@dataclass(frozen=True, slots=True)
class StaffRequest:
    """Something that takes two people, as one of them asked for it."""

    request_id: RequestId
    kind: str
    payload: Mapping[str, object]
    """What is to be done, whole: JSON values without a BSN, a name or a secret."""
    concerning: frozenset[PersonId]
    account: StaffId
    """Whose login asked for it."""
    person: PersonId
    """The person behind that account: four eyes are those of two people."""
    reason: str = field(repr=False)
    """In words; empty once it was erased."""
    case_number: str = field(repr=False)
    requested_at: datetime
    expires_at: datetime
    state: RequestState = RequestState.REQUESTED
    decided_account: StaffId | None = None
    decided_person: PersonId | None = None
    decided_at: datetime | None = None

    def standing(self, at: datetime) -> RequestState:
        """Its state by the clock: what is too old is expired, whether or not anybody wrote that down."""
        if self.state is RequestState.REQUESTED and at >= self.expires_at:
            return RequestState.EXPIRED
        return self.state

    def check_decidable(self, member: StaffMember, action: StaffAction, at: datetime) -> None:
        """Let through who may decide it: has the same right, has no part in the case, and did not ask for it.

        Raises `NotPermittedError`, `OwnCaseError`, `ApprovalError`.
        """
        check(member, action, self.concerning)
        if self.standing(at) is not RequestState.REQUESTED:
            raise ApprovalError(ApprovalFault.OVER)
        if member.person == self.person:
            raise ApprovalError(ApprovalFault.OWN_REQUEST)

    def check_withdrawable(self, member: StaffMember, at: datetime) -> None:
        """Let through whoever asked for it, whatever rights they have left. Raises `ApprovalError`."""
        if member.person != self.person:
            raise ApprovalError(ApprovalFault.NOT_YOURS)
        if self.standing(at) is not RequestState.REQUESTED:
            raise ApprovalError(ApprovalFault.OVER)

    def moved(self, to: RequestState, member: StaffMember, at: datetime) -> "StaffRequest":
        """The same once this member has decided it or taken it back."""
        return replace(self, state=to, decided_account=member.account, decided_person=member.person, decided_at=at)
