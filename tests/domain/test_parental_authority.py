"""Who holds authority over a child, as the register says it (rules 13, 15 and 16)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import AT, CHILDS_BSN, MINUTE, MY_BSN, OTHER_PARENTS_BSN, SECOND, authority
from vad.domain.identifiers import Bsn
from vad.domain.parental_authority import (
    AUTHORITY_FRESH,
    AuthorityKind,
    AuthorityRelation,
    Holding,
    ParentalAuthority,
    holding,
)

BOTH = frozenset({MY_BSN, OTHER_PARENTS_BSN})
MINE = frozenset({MY_BSN})
THEIRS = frozenset({OTHER_PARENTS_BSN})
NAMING = (
    AuthorityKind.JOINT_PARENTS,
    AuthorityKind.ONE_PARENT,
    AuthorityKind.PARENT_AND_OTHER,
    AuthorityKind.GUARDIANSHIP,
)
NOBODY = (AuthorityKind.TEMPORARILY_NONE, AuthorityKind.NOT_DETERMINABLE)


def said(*relations: AuthorityRelation) -> ParentalAuthority:
    """What the register said a minute ago."""
    return authority(relations=relations)


def a_relation(
    kind: AuthorityKind = AuthorityKind.ONE_PARENT,
    holders: frozenset[Bsn] = MINE,
    minor: Bsn | None = CHILDS_BSN,
    *,
    in_doubt: bool = False,
) -> AuthorityRelation:
    """One element of an answer, in which I am the holder."""
    return AuthorityRelation(kind, minor, holders, in_doubt)


@pytest.mark.parametrize("kind", NAMING)
@pytest.mark.parametrize("holders", [MINE, BOTH])
@pytest.mark.parametrize("minor", [CHILDS_BSN, None])
def test_whoever_is_named_is_a_holder(kind: AuthorityKind, holders: frozenset[Bsn], minor: Bsn | None) -> None:
    """Rule 16: alone or with another, parent, known third person or guardian; the minor may be left out."""
    answer = said(a_relation(kind, holders, minor))
    assert holding(MY_BSN, answer, AT) is Holding.HOLDER
    assert holding(CHILDS_BSN, answer, AT) is Holding.NONE


@pytest.mark.parametrize("kind", NAMING)
@pytest.mark.parametrize("holders", [THEIRS, frozenset[Bsn]()])
def test_whoever_is_not_named_is_none(kind: AuthorityKind, holders: frozenset[Bsn]) -> None:
    """Rules 13 and 16: being a parent is nothing without being named; an institution as guardian names nobody."""
    assert holding(MY_BSN, said(a_relation(kind, holders)), AT) is Holding.NONE


@pytest.mark.parametrize("kind", NOBODY)
def test_one_element_that_says_nothing_makes_nothing_of_all(kind: AuthorityKind) -> None:
    """Rule 16: temporarily no authority, or authority that cannot be determined, whatever stands beside it."""
    for relations in ((a_relation(kind),), (a_relation(), a_relation(kind)), (a_relation(kind), a_relation())):
        assert holding(MY_BSN, said(*relations), AT) is Holding.NONE


def test_an_empty_answer() -> None:
    """Rule 16: an answer without elements is nobody's authority."""
    assert holding(MY_BSN, said(), AT) is Holding.NONE


def test_under_investigation() -> None:
    """Rule 16: what the register is not sure of carries nobody, the one named beside it included."""
    assert holding(MY_BSN, said(a_relation(in_doubt=True)), AT) is Holding.INDETERMINATE
    assert holding(MY_BSN, said(a_relation(), a_relation(in_doubt=True)), AT) is Holding.INDETERMINATE


def test_an_answer_about_another_child() -> None:
    """Rule 16: the minor must be the child where it is named."""
    assert holding(MY_BSN, said(a_relation(minor=OTHER_PARENTS_BSN)), AT) is Holding.NONE
    assert holding(MY_BSN, said(a_relation(), a_relation(minor=OTHER_PARENTS_BSN)), AT) is Holding.NONE


def test_an_old_answer() -> None:
    """Rule 16: one of a quarter of an hour ago is none."""
    answer = authority(answered_at=AT - AUTHORITY_FRESH)
    assert holding(MY_BSN, answer, AT) is Holding.INDETERMINATE
    assert holding(MY_BSN, answer, AT - SECOND) is Holding.HOLDER


RELATIONS = st.builds(
    AuthorityRelation,
    st.sampled_from(AuthorityKind),
    st.sampled_from([None, CHILDS_BSN, OTHER_PARENTS_BSN]),
    st.sets(st.sampled_from([MY_BSN, OTHER_PARENTS_BSN, CHILDS_BSN])).map(frozenset[Bsn]),
    st.booleans(),
)


@given(st.lists(RELATIONS, max_size=4))
def test_a_holder_is_named_by_a_sure_answer_about_this_child(relations: list[AuthorityRelation]) -> None:
    """Rule 16: whatever the register says, a holder is named in it, and nothing in it is unsure."""
    if holding(MY_BSN, said(*relations), AT) is Holding.HOLDER:
        assert any(MY_BSN in relation.holders for relation in relations)
        assert all(relation.kind in NAMING and not relation.in_doubt for relation in relations)
        assert all(relation.minor in (None, CHILDS_BSN) for relation in relations)


def test_what_the_log_keeps() -> None:
    """Rule 39: shapes, times and doubt; no BSN."""
    record = said(a_relation(in_doubt=True), a_relation(AuthorityKind.GUARDIANSHIP)).as_record()
    assert record == {
        "authority": ["EenhoofdigOuderlijkGezag", "Voogdij"],
        "authority_register": "brp",
        "authority_answered_at": (AT - MINUTE).isoformat(),
        "authority_in_onderzoek": True,
    }
