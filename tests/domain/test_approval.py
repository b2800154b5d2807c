"""Four eyes: who may decide what one of the staff asked for (rule 44)."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from vad.domain.approval import ApprovalError, ApprovalFault, RequestState, StaffRequest
from vad.domain.errors import NotPermittedError, OwnCaseError, VadError
from vad.domain.identifiers import PersonId, RequestId, StaffId
from vad.domain.staff import StaffAction, StaffMember, StaffRole

WITHIN = timedelta(days=7)
AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
CHILD, PARENT, ASKER, OTHER = (PersonId(UUID(int=number)) for number in range(1, 5))


def member(person: PersonId, account: int = 0, role: StaffRole = StaffRole.HELPDESK) -> StaffMember:
    """Give a member of staff; by default with the account that goes with the person."""
    return StaffMember(StaffId(UUID(int=account or person.int + 100)), person, frozenset({role}))


def request(**changes: object) -> StaffRequest:
    """Give a request for a block between a parent and a child."""
    known = StaffRequest(
        request_id=RequestId(UUID(int=9)),
        kind="block.place",
        payload={},
        concerning=frozenset({CHILD, PARENT}),
        account=member(ASKER).account,
        person=ASKER,
        reason="the care provider asked for it",
        case_number="2026/1",
        requested_at=AT,
        expires_at=AT + WITHIN,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def hindrance(known: StaffRequest, by: StaffMember, at: datetime) -> VadError | None:
    """What keeps this member from deciding it."""
    try:
        known.check_decidable(by, StaffAction.BLOCKS_CHANGE, at)
    except VadError as error:
        return error
    return None


def test_everything_that_lets_somebody_decide_must_be_there() -> None:
    """Right, no part in the case, not decided, in time, another person: any one that is missing is enough to refuse."""
    roles, people = (StaffRole.HELPDESK, StaffRole.AUDITOR), (OTHER, ASKER, CHILD, PARENT)
    times = (AT, AT + WITHIN - timedelta(microseconds=1), AT + WITHIN)
    allowed = 0
    for role, person, state, at in itertools.product(roles, people, RequestState, times):
        error = hindrance(request(state=state), member(person, role=role), at)
        if role is StaffRole.AUDITOR:
            assert isinstance(error, NotPermittedError)
        elif person in {CHILD, PARENT}:
            assert isinstance(error, OwnCaseError)
        elif state is not RequestState.REQUESTED or at >= AT + WITHIN:
            assert isinstance(error, ApprovalError)
            assert error.why is ApprovalFault.OVER
        elif person == ASKER:
            assert isinstance(error, ApprovalError)
            assert error.why is ApprovalFault.OWN_REQUEST
        else:
            assert error is None
            allowed += 1
    assert allowed == 2


def test_another_account_of_the_same_person_is_no_second_person() -> None:
    """Four eyes are those of people."""
    error = hindrance(request(), member(ASKER, account=777), AT)
    assert isinstance(error, ApprovalError)
    assert error.why is ApprovalFault.OWN_REQUEST


def test_who_asked_takes_it_back_in_time() -> None:
    """By whatever account, and with whatever rights are left; nobody else does."""
    request().check_withdrawable(member(ASKER, account=777, role=StaffRole.AUDITOR), AT)
    for by, state, why in (
        (OTHER, RequestState.REQUESTED, ApprovalFault.NOT_YOURS),
        (ASKER, RequestState.APPROVED, ApprovalFault.OVER),
    ):
        with pytest.raises(ApprovalError) as refused:
            request(state=state).check_withdrawable(member(by), AT)
        assert refused.value.why is why
    with pytest.raises(ApprovalError):
        request().check_withdrawable(member(ASKER), AT + WITHIN)


def test_the_clock_alone_ends_it() -> None:
    """Whether or not anybody wrote that down; what was decided stays so."""
    assert request().standing(AT + WITHIN) is RequestState.EXPIRED
    moved = request().moved(RequestState.APPROVED, member(OTHER), AT)
    assert moved.standing(AT + WITHIN) is RequestState.APPROVED
    assert (moved.decided_person, moved.decided_account) == (OTHER, member(OTHER).account)


def test_its_words_are_not_in_what_is_printed() -> None:
    """A reason may name somebody, and must not get into a log by accident."""
    assert "care provider" not in repr(request())
    assert "2026/1" not in repr(request())
