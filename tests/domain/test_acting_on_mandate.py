"""Every combination where somebody acts on a mandate, against the rules written once more (rules 3, 4, 6 and 9)."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from tests.domain.domain_examples import (
    APP,
    AT,
    BGZ,
    GP,
    HOUR,
    ME,
    MINUTE,
    MY_BSN,
    OTHER_APP,
    SECOND,
    SOMEBODY_ELSE,
    acting_request,
    client,
    consent,
    evidence,
    mandate,
    permission,
    source,
)
from tests.domain.test_acting_exhaustively import About
from tests.domain.test_block import block
from vad.domain.access import AccessRequest, Deny, Facts, Permit, decide
from vad.domain.age import BirthDate
from vad.domain.assent import OpenAges
from vad.domain.block import Block, BlockKind
from vad.domain.ground import Basis, DenyReason
from vad.domain.identifiers import Bsn
from vad.domain.mandate import Mandate, MandateState
from vad.domain.parental_authority import Represented

THEIR_BSN = Bsn("999990020")
LIFE = timedelta(seconds=300)
BIRTHS: tuple[tuple[BirthDate, bool | None], ...] = (
    (BirthDate(1950, 3, 1), True),
    (BirthDate(2010, 11, 21), True),  # 16 today
    (BirthDate(2010, 11, 22), False),  # 15 years and 364 days
    (BirthDate(2018, 3, 1), False),
    (BirthDate(2010), None),
    (BirthDate(), None),
)
MANDATES: tuple[tuple[Mandate | None, datetime | None], ...] = (
    (mandate(), AT + LIFE),
    (mandate(ends_at=AT + MINUTE), AT + MINUTE),
    (mandate(permissions=(permission(client_id=APP),)), AT + LIFE),
    (mandate(permissions=(permission(client_id=OTHER_APP),)), None),
    (mandate(permissions=(permission(resource=GP),)), None),
    (mandate(permissions=(permission(data_service="63"),)), None),
    (mandate(permissions=(permission(stopped_at=AT),)), None),
    (mandate(starts_at=AT + SECOND), None),
    (mandate(ends_at=AT), None),
    (mandate(represented=ME, representative=SOMEBODY_ELSE), None),
    *((mandate(state=state), None) for state in MandateState if state is not MandateState.ACTIVE),
    (None, None),
)
ABOUT = (About(), About(known=False), About(deceased=True), About(doubtful=True), About(curatele=True))


class Case(NamedTuple):
    """One combination."""

    actor: About
    subject: About
    birth: tuple[BirthDate, bool | None]
    given: tuple[Mandate | None, datetime | None]
    agreed: bool
    blocked: bool


def asked() -> AccessRequest:
    """Give the question about their data at the hospital."""
    return acting_request(subject=SOMEBODY_ELSE)


def facts(case: Case) -> Facts:
    """Give what the loader would have fetched."""
    off = block(subject=SOMEBODY_ELSE, kind=BlockKind.REPRESENTATION, target="")
    blocks: tuple[Block, ...] = (off,) if case.blocked else ()
    return Facts(
        evidence=case.actor.evidence(BirthDate(1984, 5, 17)),
        consents=(consent(subject=SOMEBODY_ELSE if case.agreed else ME),),
        blocks=blocks,
        represented=Represented(MY_BSN, THEIR_BSN, case.subject.evidence(case.birth[0]), None, OpenAges()),
        mandates=() if case.given[0] is None else (case.given[0],),
    )


def expected(case: Case) -> DenyReason | datetime:
    """Rules 3, 4, 6, 9 and 11, in their order."""
    is_16, until = case.birth[1], case.given[1]
    rules = (
        (DenyReason.BLOCKED, case.blocked),
        (DenyReason.NO_CONSENT, not case.agreed),
        (DenyReason.INDETERMINATE, not (case.actor.usable and case.subject.usable)),
        (DenyReason.DECEASED, case.actor.deceased or case.subject.deceased),
        (DenyReason.INDETERMINATE, case.actor.doubtful or case.subject.doubtful),
        (DenyReason.CURATELE, case.actor.curatele),
        (DenyReason.AGE_UNKNOWN, is_16 is None),
        # Under 16 a mandate is none, and nothing is known of authority here.
        (DenyReason.INDETERMINATE, is_16 is False),
        (DenyReason.NO_GROUND, until is None),
        (DenyReason.CURATELE, case.subject.curatele),
    )
    return next((reason for reason, matches in rules if matches), until or AT)


def test_decide_is_the_rules_and_nothing_else() -> None:
    """Rules 3, 4, 6, 9 and 11: the first match wins in every combination, and what is allowed ends when it must."""
    outcomes: Counter[DenyReason | None] = Counter()
    for made in itertools.product(ABOUT, ABOUT, BIRTHS, MANDATES, (True, False), (False, True)):
        case = Case(*made)
        decision = decide(asked(), facts(case), AT)
        if isinstance(decision, Deny):
            assert decision.reason is expected(case), case
            outcomes[decision.reason] += 1
        else:
            assert decision.until == expected(case), case
            assert (decision.basis, decision.mandate) == (Basis.MANDATE, case.given[0])
            assert decision.as_record()["mandate"] == str(mandate().mandate_id)
            outcomes[None] += 1
    assert outcomes.keys() == {
        None,
        DenyReason.BLOCKED,
        DenyReason.NO_CONSENT,
        DenyReason.INDETERMINATE,
        DenyReason.DECEASED,
        DenyReason.CURATELE,
        DenyReason.AGE_UNKNOWN,
        DenyReason.NO_GROUND,
    }


def allowed(**changes: object) -> Permit | Deny:
    """Decide on a mandate that is in order."""
    case = Case(About(), About(), BIRTHS[0], MANDATES[0], agreed=True, blocked=False)
    return decide(replace(asked(), **changes), facts(case), AT)  # type: ignore[arg-type]


def test_asking_for_nothing_is_covered_by_nothing() -> None:
    """Rule 6: a source without a kind of data is no way in."""
    assert isinstance(allowed(data_services=frozenset()), Deny)


def test_the_login_needs_something_that_the_app_may_do() -> None:
    """Rules 6 and 9: the app hears for whom somebody acts only where a permission is for it."""
    for permissions, works in (((permission(),), True), ((permission(client_id=OTHER_APP),), False)):
        case = Case(About(), About(), BIRTHS[0], (mandate(permissions=permissions), AT), agreed=True, blocked=False)
        login = replace(asked(), source=None, data_services=frozenset())
        assert isinstance(decide(login, facts(case), AT), Permit) is works


def test_all_that_is_asked_must_be_covered() -> None:
    """Rule 6: one kind of data that it does not name, and nothing is given."""
    both = BGZ | {"63"}
    wide = source(data_services=("48", "63"), admitted={APP: both})
    case = Case(About(), About(), BIRTHS[0], (mandate(), AT + HOUR), agreed=True, blocked=False)
    known = replace(facts(case), consents=(consent(subject=SOMEBODY_ELSE, data_services=both),))
    question = replace(asked(), source=wide, data_services=both, client=client(representation=True))
    assert decide(question, known, AT) == Deny(DenyReason.NO_GROUND)


@pytest.mark.parametrize("born", [BirthDate(2010, 11, 22), BirthDate(2018, 3, 1)])
def test_no_mandate_for_somebody_under_16(born: BirthDate) -> None:
    """Rules 6 and 8: whoever can't give one has given none, whatever is in the database."""
    case = Case(About(), About(), (born, False), MANDATES[0], agreed=True, blocked=False)
    assert isinstance(decide(asked(), facts(case), AT), Deny)


def test_evidence_of_a_mandate_must_be_fresh() -> None:
    """Rule 6 and the decision: for acting a day-old answer is none, about either of the two."""
    case = Case(About(), About(), BIRTHS[0], MANDATES[0], agreed=True, blocked=False)
    old = replace(facts(case), evidence=evidence(answered_at=AT - HOUR))
    assert decide(asked(), old, AT) == Deny(DenyReason.INDETERMINATE)
