"""Acting for somebody because a court or the law says so (rule 29)."""

import itertools
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests.domain.domain_examples import AT, MY_BSN, SOMEBODY_ELSE, acting_request, consent, evidence, mandate
from vad.domain.access import Deny, Facts, Permit, decide
from vad.domain.age import BirthDate
from vad.domain.assent import OpenAges
from vad.domain.ground import Basis, DenyReason
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.mandate import Mandate, MandateState, Route, best_for
from vad.domain.mandate_legal import Legal, LegalKind, seen, unable_to_be_represented
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.parental_authority import Represented
from vad.domain.person import Evidence

THEIR_BSN = Bsn("999990020")
STAFF = PersonId(UUID(int=901))
BIRTHS = (BirthDate(1950, 3, 1), BirthDate(2010, 11, 22), BirthDate(2018, 3, 1), BirthDate(2010), BirthDate())


def known(**changes: object) -> Evidence:
    """What the register says of somebody now."""
    return evidence(**{"answered_at": AT, "curatele": False, **changes})


def by_law(**changes: object) -> Mandate:
    """Give a mandate on the ground of law."""
    return mandate(route=Route.LEGAL, **changes)


def decided(given: Mandate, about: Evidence, actor: Evidence | None = None) -> Permit | Deny:
    """What becomes of my question about their data at the hospital."""
    facts = Facts(
        evidence=actor or known(birth=BirthDate(1984, 5, 17)),
        consents=(consent(subject=SOMEBODY_ELSE),),
        represented=Represented(MY_BSN, THEIR_BSN, about, None, OpenAges()),
        mandates=(given,),
    )
    return decide(acting_request(subject=SOMEBODY_ELSE), facts, AT)


def test_it_is_a_ground_at_every_age_and_under_curatele() -> None:
    """Rule 29: curatele is what it is for; nothing is inferred from an age or from authority."""
    for birth, curatele in itertools.product(BIRTHS, (True, False)):
        decision = decided(by_law(), known(birth=birth, curatele=curatele))
        assert isinstance(decision, Permit)
        assert decision.basis is Basis.LEGAL
        assert decision.mandate == by_law()


def test_what_ends_every_right_ends_this_one() -> None:
    """Rules 4 and 27: death of either, curatele of who acts, a stop, its last day, what the register is not sure of."""
    about, actor = known(birth=BIRTHS[0]), known(birth=BirthDate(1984, 5, 17))
    refused = (
        (decided(by_law(), replace(about, deceased=True)), DenyReason.DECEASED),
        (decided(by_law(), about, replace(actor, deceased=True)), DenyReason.DECEASED),
        (decided(by_law(), about, replace(actor, curatele=True)), DenyReason.CURATELE),
        (decided(by_law(), replace(about, doubtful=True)), DenyReason.INDETERMINATE),
        (decided(by_law(ends_at=AT), about), DenyReason.NO_GROUND),
        *(
            (decided(by_law(state=state), about), DenyReason.NO_GROUND)
            for state in MandateState
            if state is not MandateState.ACTIVE
        ),
    )
    for decision, reason in refused:
        assert isinstance(decision, Deny)
        assert decision.reason is reason


def test_of_two_that_cover_as_much_the_one_by_law_counts() -> None:
    """It outlives what its giver can't give any more."""
    legal, given = by_law(ends_at=AT + timedelta(days=9)), mandate(mandate_id=by_law().mandate_id)
    source, client = legal.permissions[0].resource, acting_request().client
    assert source is None
    assert best_for([given, legal], client.client_id, {}, AT) == legal


@pytest.mark.parametrize(
    ("kind", "changes", "why"),
    [
        (LegalKind.CURATOR, {"curatele": True}, None),
        (LegalKind.CURATOR, {}, Unable.NOT_THAT_KIND),
        (LegalKind.CURATOR, {"curatele": None}, Unable.UNSURE),
        (LegalKind.MENTOR, {}, None),
        (LegalKind.MENTOR, {"birth": BirthDate(2010, 11, 22)}, Unable.NOT_THAT_KIND),
        (LegalKind.GUARDIAN, {"birth": BirthDate(2018, 3, 1)}, None),
        (LegalKind.GUARDIAN, {}, Unable.NOT_THAT_KIND),
        (LegalKind.OF_YOUNG_PERSON, {"birth": BirthDate(2010, 11, 22)}, None),
        (LegalKind.OF_YOUNG_PERSON, {"birth": BirthDate(2018, 3, 1)}, Unable.NOT_THAT_KIND),
        (LegalKind.OF_YOUNG_PERSON, {}, Unable.NOT_THAT_KIND),
        (LegalKind.MENTOR, {"birth": BirthDate()}, Unable.UNSURE),
        (LegalKind.MENTOR, {"deceased": True}, Unable.UNSURE),
        (LegalKind.MENTOR, {"doubtful": True}, Unable.UNSURE),
        (LegalKind.MENTOR, {"answered_at": AT - timedelta(days=1)}, Unable.UNSURE),
    ],
)
def test_what_the_register_speaks_against(kind: LegalKind, changes: dict[str, object], why: Unable | None) -> None:
    """Each kind is for people of whom the register says what it says of them."""
    assert unable_to_be_represented(kind, known(**{"birth": BirthDate(1950, 3, 1), **changes}), AT) is why


def test_nobody_is_unknown_to_the_register() -> None:
    """No answer is no ground."""
    assert unable_to_be_represented(LegalKind.MENTOR, None, AT) is Unable.UNSURE


def unable(legal: Legal, about: Mandate) -> Unable | None:
    """Why it can't be made."""
    try:
        legal.check(about)
    except MandateUnableError as error:
        return error.why
    return None


def test_it_takes_evidence_and_two_people() -> None:
    """A case number that says who nobody is, for it stays in the log; and nobody acts for themself."""
    legal = Legal(LegalKind.CURATOR, "C/10/123456", STAFF)
    assert unable(legal, by_law()) is None
    assert unable(legal, by_law(representative=SOMEBODY_ELSE, represented=SOMEBODY_ELSE)) is Unable.ONESELF
    for reference in ("", "  ", "x" * 41, "Jan de Vries", "Jan de Vries 999990019", "C/10/999990019", "999.990.019"):
        assert unable(replace(legal, reference=reference), by_law()) is Unable.NOTHING


def test_what_staff_propose_or_refuse_nobody_else_sees() -> None:
    """The two hear of it once it is in force."""
    shown = {state for state in MandateState if seen(by_law(state=state))}
    assert shown == {MandateState.ACTIVE, MandateState.REVOKED, MandateState.EXPIRED, MandateState.ENDED}
    assert seen(mandate(state=MandateState.REQUESTED))
