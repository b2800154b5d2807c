"""Acting for another: the decision, rule by rule. Every combination at once: `test_acting_exhaustively`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.domain.domain_examples import (
    ADULT,
    AT,
    EIGHT,
    FOURTEEN,
    HOUR,
    MINUTE,
    MY_BSN,
    MY_CHILD,
    OTHER_PARENTS_BSN,
    SECOND,
    SOMEBODY_ELSE,
    YEAR,
    acting_facts,
    acting_request,
    authority,
    client,
    consent,
    evidence,
    represented,
    source,
)
from vad.domain.access import ACTING_TOKEN_LIFE, Deny, Permit, decide
from vad.domain.age import BirthDate
from vad.domain.assurance import LevelOfAssurance
from vad.domain.ground import Basis, DenyReason
from vad.domain.parental_authority import AUTHORITY_FRESH
from vad.domain.person import EVIDENCE_FRESH

TURNS_12_TOMORROW = BirthDate(2014, 11, 22)
MIDNIGHT = datetime(2026, 11, 21, 23, tzinfo=UTC)


def me(**changes: Any) -> dict[str, Any]:
    """What was said of me a minute ago."""
    return {"evidence": evidence(**{"answered_at": AT - MINUTE} | changes)}


def child(**changes: Any) -> dict[str, Any]:
    """What was said of the child a minute ago."""
    said = evidence(**{"birth": EIGHT, "answered_at": AT - MINUTE} | changes)
    return {"represented": represented(evidence=said)}


HINDRANCES: tuple[tuple[DenyReason, dict[str, Any], dict[str, Any]], ...] = (
    (DenyReason.LOA, {"level": LevelOfAssurance.MIDDEN}, {}),
    (DenyReason.SESSION_ENDED, {"session_ends_at": AT}, {}),
    (DenyReason.BLOCKED, {"source": source(active=False)}, {}),
    (DenyReason.NOT_QUALIFIED, {"client": client()}, {}),
    (DenyReason.NO_CONSENT, {}, {"consents": ()}),
    (DenyReason.INDETERMINATE, {}, {"represented": None}),
    (DenyReason.DECEASED, {}, child(deceased=True)),
    (DenyReason.CURATELE, {}, me(curatele=True)),
    (DenyReason.NO_ASSENT, {}, child(birth=FOURTEEN)),
    (DenyReason.NO_GROUND, {}, child(birth=ADULT)),
)
"""What can be in the way, in the order of the rules, each alone."""


def test_a_parent_of_a_young_child() -> None:
    """Rule 8: under 12, authority and no block; the permit says on what ground, and what the register said."""
    decision = decide(acting_request(), acting_facts(), AT)
    assert isinstance(decision, Permit)
    assert decision.basis is Basis.PARENTAL_AUTHORITY
    assert decision.represented == represented()
    record = decision.as_record()
    assert record["authority"] == ["GezamenlijkOuderlijkGezag"]
    assert record["represented_register_answered_at"] == (AT - MINUTE).isoformat()
    assert not any("99999" in str(value) for value in record.values())


@pytest.mark.parametrize(("reason", "asked", "known"), HINDRANCES)
def test_each_hindrance(reason: DenyReason, asked: dict[str, Any], known: dict[str, Any]) -> None:
    """The decision: each alone is enough."""
    assert decide(acting_request(**asked), acting_facts(**known), AT) == Deny(reason)


@pytest.mark.parametrize("first", range(6))
def test_the_first_match_wins(first: int) -> None:
    """The decision: of all that is in the way the earliest rule gives the reason."""
    asked: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for _, request_changes, fact_changes in HINDRANCES[first:]:
        asked |= request_changes
        known |= {name: value for name, value in fact_changes.items() if name not in known}
    assert decide(acting_request(**asked), acting_facts(**known), AT) == Deny(HINDRANCES[first][0])


@pytest.mark.parametrize("whose", [me, child])
def test_death_of_either(whose: Any) -> None:
    """Rule 4: a child that died, or a parent that did."""
    assert decide(acting_request(), acting_facts(**whose(deceased=True)), AT) == Deny(DenyReason.DECEASED)


def test_under_curatele() -> None:
    """Rule 4: who is under curatele acts for nobody; for their own data it is no obstacle, nor is it the child's."""
    assert decide(acting_request(), acting_facts(**me(curatele=True)), AT) == Deny(DenyReason.CURATELE)
    assert isinstance(decide(acting_request(), acting_facts(**child(curatele=True)), AT), Permit)


@pytest.mark.parametrize("whose", [me, child])
@pytest.mark.parametrize("changes", [{"doubtful": True}, {"answered_at": AT - EVIDENCE_FRESH}])
def test_no_sure_and_fresh_answer(whose: Any, changes: dict[str, Any]) -> None:
    """Rules 4 and 16: for acting an answer about either is a quarter of an hour old at most, and sure."""
    assert decide(acting_request(), acting_facts(**whose(**changes)), AT) == Deny(DenyReason.INDETERMINATE)


def test_nothing_known_of_the_child() -> None:
    """Rule 16 fails closed: no answer about the child, or none about its authority."""
    of_another = represented(authority=authority(child=OTHER_PARENTS_BSN))
    for nothing in (represented(evidence=None), represented(authority=None), of_another):
        assert decide(acting_request(), acting_facts(represented=nothing), AT) == Deny(DenyReason.INDETERMINATE)


def test_without_authority() -> None:
    """Rules 9 and 13: a parent whom the register does not name has no ground, however much they agree."""
    other = authority(
        relations=tuple(
            type(relation)(relation.kind, relation.minor, frozenset({OTHER_PARENTS_BSN}))
            for relation in authority().relations
        )
    )
    decision = decide(acting_request(), acting_facts(represented=represented(authority=other)), AT)
    assert decision == Deny(DenyReason.NO_GROUND)


def test_each_holder_acts_alone() -> None:
    """Rule 17: both parents may, each for themself; neither needs the other."""
    for bsn in (MY_BSN, OTHER_PARENTS_BSN):
        assert isinstance(decide(acting_request(), acting_facts(represented=represented(actor=bsn)), AT), Permit)


def test_until_the_child_is_twelve() -> None:
    """Rule 8: 11y364d and 12y0d, at midnight in Amsterdam; what is issued before ends then."""
    at = MIDNIGHT - SECOND
    for moment, allowed in ((at, True), (MIDNIGHT, False)):
        known = acting_facts(
            evidence=evidence(answered_at=at),
            represented=represented(
                evidence=evidence(birth=TURNS_12_TOMORROW, answered_at=at), authority=authority(answered_at=at)
            ),
            consents=(consent(subject=MY_CHILD, given_at=at),),
        )
        decision = decide(acting_request(session_ends_at=MIDNIGHT + HOUR), known, moment)
        if allowed:
            assert isinstance(decision, Permit)
            assert decision.until == MIDNIGHT
        else:
            assert decision == Deny(DenyReason.NO_GROUND)


@pytest.mark.parametrize("birth", [BirthDate(), BirthDate(2014), BirthDate(2014, 11)])
def test_an_age_that_is_not_certain(birth: BirthDate) -> None:
    """Rule 11: where twelve may have been reached, nothing is certain enough."""
    assert decide(acting_request(), acting_facts(**child(birth=birth)), AT) == Deny(DenyReason.AGE_UNKNOWN)


def test_a_token_is_out_for_five_minutes_at_most() -> None:
    """Rule 27: when somebody acts for another, whatever the source is registered with."""
    decision = decide(acting_request(source=source(access_token_lifetime=YEAR)), acting_facts(), AT)
    assert isinstance(decision, Permit)
    assert decision.until == AT + ACTING_TOKEN_LIFE
    assert timedelta(seconds=300) == ACTING_TOKEN_LIFE


def test_an_app_or_source_that_does_not_understand_it() -> None:
    """Rule 34: it never gets another's data, nor the login itself for another."""
    for asked in (
        acting_request(client=client()),
        acting_request(source=source(representation=False)),
        acting_request(client=client(), source=None, data_services=frozenset()),
    ):
        assert decide(asked, acting_facts(), AT) == Deny(DenyReason.NOT_QUALIFIED)


@pytest.mark.parametrize(
    "given", [consent(), consent(subject=SOMEBODY_ELSE), consent(person_id=SOMEBODY_ELSE, subject=MY_CHILD)]
)
def test_consent_is_the_actors_and_about_this_subject(given: Any) -> None:
    """Rule 3: neither what I agreed to for myself, nor what another parent agreed to for the child."""
    assert decide(acting_request(), acting_facts(consents=(given,)), AT) == Deny(DenyReason.NO_CONSENT)


def test_actor_and_subject_swapped() -> None:
    """Rule 9: authority over a child is none of the child over the parent."""
    swapped = acting_request(actor=MY_CHILD, subject=SOMEBODY_ELSE)
    known = acting_facts(consents=(consent(person_id=MY_CHILD, subject=SOMEBODY_ELSE),), **child(birth=ADULT))
    assert decide(swapped, known, AT) == Deny(DenyReason.NO_GROUND)


def test_answers_live_equally_long() -> None:
    """Rule 16: the register's answer about authority is good for as long as that about the person."""
    assert AUTHORITY_FRESH == EVIDENCE_FRESH
