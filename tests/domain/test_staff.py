"""What staff may do (rules 40 and 44)."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import ME, SOMEBODY_ELSE
from vad.domain.errors import NotPermittedError, OwnCaseError
from vad.domain.identifiers import StaffId
from vad.domain.justification import Justification, JustificationError, JustificationFault
from vad.domain.staff import (
    CHANGES,
    NEEDS_REASON,
    NEEDS_SECOND_PERSON,
    RIGHTS,
    StaffAction,
    StaffMember,
    StaffRole,
    check,
)

ACCOUNT = StaffId(UUID(int=44))
A_BSN = "999993653"


def member(*roles: StaffRole, taken: frozenset[StaffAction] = frozenset()) -> StaffMember:
    """Give somebody of the staff, who is ME as a citizen."""
    return StaffMember(ACCOUNT, ME, frozenset(roles), taken)


def test_the_table_is_whole() -> None:
    """Rule 44: every role has rights, and there is nothing that nobody may do."""
    assert set(RIGHTS) == set(StaffRole)
    assert frozenset[StaffAction]().union(*RIGHTS.values()) == set(StaffAction)


@given(roles=st.frozensets(st.sampled_from(StaffRole)), taken=st.frozensets(st.sampled_from(StaffAction)))
def test_an_auditor_changes_nothing(roles: frozenset[StaffRole], taken: frozenset[StaffAction]) -> None:
    """Rule 44: whatever else they are, and whatever they took."""
    auditor = member(StaffRole.AUDITOR, *roles, taken=taken)
    assert not auditor.rights & CHANGES
    assert auditor.rights >= RIGHTS[StaffRole.AUDITOR]


@pytest.mark.parametrize("action", StaffAction)
@pytest.mark.parametrize("role", StaffRole)
def test_nobody_does_what_their_role_does_not_hold(role: StaffRole, action: StaffAction) -> None:
    """Rule 44: and nobody touches a case of their own. Without the right nobody learns whom it is about."""
    somebody = member(role)
    if action in RIGHTS[role]:
        check(somebody, action, [SOMEBODY_ELSE])
        with pytest.raises(OwnCaseError):
            check(somebody, action, [SOMEBODY_ELSE, ME])
    else:
        for concerning in ([], [SOMEBODY_ELSE], [ME]):
            with pytest.raises(NotPermittedError) as refused:
                check(somebody, action, concerning)
            assert refused.value.action == action


@given(taken=st.frozensets(st.sampled_from(StaffAction)))
def test_who_has_no_role_may_nothing(taken: frozenset[StaffAction]) -> None:
    """Rule 44: what is taken by break-glass access is looking, never changing; an own case stays out of reach."""
    assert not member().rights
    somebody = member(taken=taken)
    assert somebody.rights == taken - CHANGES
    for action in somebody.rights:
        assert somebody.by_break_glass(action)
        with pytest.raises(OwnCaseError):
            check(somebody, action, [ME])


def test_what_a_role_holds_is_not_by_break_glass() -> None:
    """Rule 40: the event of a view says only then that it was taken when it was."""
    helper = member(StaffRole.HELPDESK, taken=frozenset({StaffAction.MANDATES_VIEW, StaffAction.LOG_SEARCH}))
    assert not helper.by_break_glass(StaffAction.MANDATES_VIEW)
    assert helper.by_break_glass(StaffAction.LOG_SEARCH)
    assert not helper.by_break_glass(StaffAction.KEYS_CHANGE)


def test_what_takes_a_second_person_or_a_reason() -> None:
    """Rule 44: blocks, unmasking in bulk, legal mandates, keys, the log; rule 40: unmasking, and what is like it."""
    assert {action.value.partition(".")[0] for action in NEEDS_SECOND_PERSON} == {
        "legal_mandates",
        "persons",
        "blocks",
        "log",
        "clients",
        "keys",
    }
    assert StaffAction.PERSONS_UNMASK_IN_BULK in NEEDS_SECOND_PERSON
    assert {action for action in StaffAction if "unmask" in action} <= NEEDS_REASON


def test_a_justification_keeps_what_was_meant() -> None:
    """Rule 40: white space is not part of it, and nothing of it shows in a log by accident."""
    why = Justification("  The caller asks \n who saw her file ", " ZK-2026/0417 ")
    assert why.erasable == {"reason": "The caller asks who saw her file", "case_number": "ZK-2026/0417"}
    assert "caller" not in repr(why)


@pytest.mark.parametrize(
    ("reason", "case_number", "fault"),
    [
        ("because", "ZK-1", JustificationFault.REASON),
        ("          ", "ZK-1", JustificationFault.REASON),
        ("x" * 501, "ZK-1", JustificationFault.REASON),
        ("The caller asks who saw it", "", JustificationFault.CASE_NUMBER),
        ("The caller asks who saw it", "no number at all", JustificationFault.CASE_NUMBER),
        (f"The caller is {A_BSN}", "ZK-1", JustificationFault.BSN),
        ("The caller is 9999.93.653", "ZK-1", JustificationFault.BSN),
        ("The caller asks who saw it", A_BSN, JustificationFault.BSN),
    ],
)
def test_what_is_no_justification(reason: str, case_number: str, fault: JustificationFault) -> None:
    """Rule 40: nobody unmasks because they feel like it; rule 31: a BSN does not get into the log that way."""
    with pytest.raises(JustificationError) as refused:
        Justification(reason, case_number)
    assert refused.value.fault is fault
    assert A_BSN not in str(refused.value)


def test_a_long_number_that_is_no_bsn_is_allowed() -> None:
    """Rule 31: a telephone number of ten digits and a ticket of nine that fails the 11-proof are no BSN."""
    Justification("Called back on 0612345678 about it", "123456780")
