"""What a child agreed to, and what that is worth."""

from datetime import datetime
from uuid import UUID

import pytest

from tests.domain.domain_examples import (
    AT,
    BGZ,
    EIGHT,
    FOURTEEN,
    ME,
    MINUTE,
    MY_CHILD,
    SECOND,
    SOMEBODY_ELSE,
    TURNS_16,
    acting_facts,
    acting_request,
    assent,
    authority,
    consent,
    evidence,
    represented,
    source,
)
from vad.domain.access import Deny, Permit, decide
from vad.domain.age import BirthDate
from vad.domain.assent import LEVEL_TO_ASSENT, OpenAges, carrying, end_of_assent
from vad.domain.assurance import LevelOfAssurance
from vad.domain.ground import Basis, DenyReason
from vad.domain.identifiers import AssentId

BOTH = frozenset({"48", "49"})
ALSO_GP = assent(assent_id=AssentId(UUID(int=15)), data_service="49")


def test_a_parent_of_a_child_who_agreed() -> None:
    """Rule 7: authority and the child's own agreement; the permit has a ground of its own, with both as proof."""
    about = represented(evidence=evidence(birth=FOURTEEN, answered_at=AT - MINUTE))
    decision = decide(acting_request(), acting_facts(represented=about, assents=(assent(),)), AT)
    assert isinstance(decision, Permit)
    assert decision.basis is Basis.PARENTAL_AUTHORITY_AND_ASSENT
    record = decision.as_record()
    assert (record["assents"], record["authority"]) == ([str(UUID(int=14))], ["GezamenlijkOuderlijkGezag"])


def test_under_twelve_no_agreement_counts() -> None:
    """Rule 8: the ground is authority alone, whatever an eight-year-old agreed to."""
    decision = decide(acting_request(), acting_facts(assents=(assent(),)), AT)
    assert isinstance(decision, Permit)
    assert (decision.basis, decision.assents) == (Basis.PARENTAL_AUTHORITY, ())
    assert "assents" not in decision.as_record()


@pytest.mark.parametrize(
    "changes",
    [
        {"actor": SOMEBODY_ELSE},
        {"subject": SOMEBODY_ELSE},
        {"data_service": "49"},
        {"until": AT},
        {"withdrawn_at": AT},
        {"given_at": AT + SECOND},
    ],
)
def test_what_does_not_carry(changes: dict[str, object]) -> None:
    """Rule 19: per parent, per kind of data, until it ends or is stopped."""
    about = represented(evidence=evidence(birth=FOURTEEN, answered_at=AT - MINUTE))
    facts = acting_facts(represented=about, assents=(assent(**changes),))
    assert decide(acting_request(), facts, AT) == Deny(DenyReason.NO_ASSENT)


def test_every_kind_of_data_is_agreed_to_by_itself() -> None:
    """Rule 19: two kinds take two; for the login alone any one will do, and one is enough to hold."""
    known = (assent(), ALSO_GP)
    assert carrying(known, ME, MY_CHILD, BGZ, AT) == (assent(),)
    assert set(carrying(known, ME, MY_CHILD, BOTH, AT)) == set(known)
    assert carrying((assent(),), ME, MY_CHILD, BOTH, AT) == ()
    assert carrying(known, ME, MY_CHILD, frozenset(), AT) == ()
    assert carrying(known, ME, MY_CHILD, None, AT) == (assent(),)
    assert carrying((), ME, MY_CHILD, None, AT) == ()


def test_until_the_child_is_sixteen() -> None:
    """Rule 7: 15y364d and 16y0d at midnight in Amsterdam; what is issued before ends then, or with the agreement."""
    at = TURNS_16 - SECOND
    about = represented(evidence=evidence(birth=FOURTEEN, answered_at=at), authority=authority(answered_at=at))
    me, agreed = evidence(answered_at=at), consent(subject=MY_CHILD, until=TURNS_16 + MINUTE)
    facts = acting_facts(evidence=me, represented=about, consents=(agreed,), assents=(assent(until=TURNS_16 + MINUTE),))
    asked = acting_request(session_ends_at=TURNS_16 + MINUTE)
    decision = decide(asked, facts, at)
    assert isinstance(decision, Permit)
    assert decision.until == TURNS_16
    assert decide(asked, facts, TURNS_16) == Deny(DenyReason.NO_GROUND)


def test_no_token_outlives_it() -> None:
    """Rule 7: the permit ends with the first of the agreements that carry it."""
    about = represented(evidence=evidence(birth=FOURTEEN, answered_at=AT - MINUTE))
    agreed = consent(subject=MY_CHILD, data_services=BOTH)
    ends_soon = assent(assent_id=AssentId(UUID(int=15)), data_service="49", until=AT + SECOND)
    facts = acting_facts(represented=about, consents=(agreed,), assents=(assent(), ends_soon))
    where = source(data_services=("48", "49"), admitted={agreed.client_id: BOTH})
    decision = decide(acting_request(source=where, data_services=BOTH), facts, AT)
    assert isinstance(decision, Permit)
    assert decision.until == AT + SECOND


@pytest.mark.parametrize(
    ("birth", "ends"),
    [
        (FOURTEEN, TURNS_16),
        (BirthDate(2012, 2, 29), datetime.fromisoformat("2028-02-28T23:00:00+00:00")),
        (BirthDate(2012, 3), TURNS_16),
        (BirthDate(2012), datetime.fromisoformat("2027-12-31T23:00:00+00:00")),
        (BirthDate(), None),
    ],
)
def test_it_ends_when_the_child_may_be_sixteen(birth: BirthDate, ends: datetime | None) -> None:
    """Rule 19: until 16 at most; with a partial date the first day that it can be."""
    assert end_of_assent(birth) == ends


@pytest.mark.parametrize(
    ("birth", "opened"),
    [
        (BirthDate(2014, 11, 21), "from_12"),
        (BirthDate(2012, 11, 22), "from_12"),  # 13 years and 364 days
        (BirthDate(2012, 11, 21), "from_14"),
        (BirthDate(2012), None),
    ],
)
def test_two_switches(birth: BirthDate, opened: str | None) -> None:
    """Rule 7: 12 and 13, 14 and 15, each by itself; where the age is not certain only both or neither."""
    assert OpenAges() == OpenAges(from_12=False, from_14=True)
    assert OpenAges(from_12=True, from_14=True).to(birth, AT) is True
    assert OpenAges(from_12=False, from_14=False).to(birth, AT) is False
    assert OpenAges(from_12=True, from_14=False).to(birth, AT) is (opened and opened == "from_12")
    assert OpenAges(from_12=False, from_14=True).to(birth, AT) is (opened and opened == "from_14")


def test_the_level_of_the_childs_login() -> None:
    """Rule 19: Substantieel; an eight-year-old's end lies ahead all the same."""
    assert LEVEL_TO_ASSENT is LevelOfAssurance.SUBSTANTIEEL
    assert end_of_assent(EIGHT) is not None
