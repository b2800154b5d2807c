"""Every combination around a child of 12 to 15, against rule 7 written down once more as plainly as can be.

What is in the way of anybody who acts for another is in `test_acting_exhaustively`.
"""

import itertools
from collections import Counter
from datetime import datetime
from typing import NamedTuple

from tests.domain.domain_examples import (
    AT,
    CHILDS_BSN,
    HOUR,
    ME,
    MINUTE,
    MY_BSN,
    MY_CHILD,
    OTHER_PARENTS_BSN,
    SECOND,
    SOMEBODY_ELSE,
    acting_facts,
    acting_request,
    assent,
    authority,
    consent,
    evidence,
    represented,
)
from tests.domain.test_block import block
from vad.domain.access import Deny, decide
from vad.domain.age import BirthDate
from vad.domain.assent import Assent, OpenAges
from vad.domain.block import Block, BlockKind
from vad.domain.ground import Basis, DenyReason
from vad.domain.parental_authority import AuthorityKind, AuthorityRelation, ParentalAuthority

MIDNIGHT = datetime.fromisoformat("2026-11-21T23:00:00+00:00")
"""The first moment of 22 November 2026 in Amsterdam."""
FIVE_MINUTES = 5 * MINUTE


class Age(NamedTuple):
    """A birth date, how old that may be at `AT`, and the birthday that comes first."""

    birth: BirthDate
    years: tuple[int, ...]
    boundary: datetime | None = None


AGES = (
    Age(BirthDate(2014, 11, 22), (11,), MIDNIGHT),
    Age(BirthDate(2014, 11, 21), (12,)),
    Age(BirthDate(2012, 11, 22), (13,)),
    Age(BirthDate(2012, 11, 21), (14,)),
    Age(BirthDate(2010, 11, 22), (15,), MIDNIGHT),
    Age(BirthDate(2010, 11, 21), (16,)),
    Age(BirthDate(2014), (11, 12)),
    Age(BirthDate(2012), (13, 14)),
    Age(BirthDate(2012, 11), (13, 14)),
    Age(BirthDate(2013), (12, 13)),
    Age(BirthDate(2010), (15, 16)),
    Age(BirthDate(), (0, 40)),
)
SAYS: tuple[tuple[ParentalAuthority | None, DenyReason | None], ...] = (
    (authority(), None),
    (
        authority(relations=(AuthorityRelation(AuthorityKind.ONE_PARENT, CHILDS_BSN, frozenset({OTHER_PARENTS_BSN})),)),
        DenyReason.NO_GROUND,
    ),
    (
        authority(
            relations=(AuthorityRelation(AuthorityKind.ONE_PARENT, CHILDS_BSN, frozenset({MY_BSN}), in_doubt=True),)
        ),
        DenyReason.INDETERMINATE,
    ),
    (None, DenyReason.INDETERMINATE),
)
ASSENTS: tuple[tuple[tuple[Assent, ...], datetime | None], ...] = (
    ((), None),
    ((assent(),), assent().until),
    ((assent(until=AT + SECOND),), AT + SECOND),
    ((assent(withdrawn_at=AT), assent(actor=SOMEBODY_ELSE)), None),
    ((assent(data_service="49"),), None),
    ((assent(until=AT),), None),
)
"""What the child agreed to, and until when that carries the request."""
SWITCHES = tuple(itertools.starmap(OpenAges, itertools.product((False, True), repeat=2)))
BLOCKS: tuple[tuple[tuple[Block, ...], bool], ...] = (
    ((), False),
    ((block(subject=MY_CHILD, kind=BlockKind.REPRESENTATION, target=""),), True),
    ((block(subject=MY_CHILD, kind=BlockKind.REPRESENTATIVE, target=str(ME)),), True),
    ((block(subject=MY_CHILD, kind=BlockKind.REPRESENTATIVE, target=str(SOMEBODY_ELSE)),), False),
)


def expected(
    age: Age, says: DenyReason | None, agreed_until: datetime | None, switches: OpenAges, *, blocked: bool
) -> DenyReason | tuple[Basis, datetime]:
    """Rules 3, 7, 8, 9 and 11, age by age: what every age that it may be gives, if they all give the same."""
    if blocked:
        return DenyReason.BLOCKED
    bands = {0 if years < 12 else 12 if years < 14 else 14 if years < 16 else 16 for years in age.years}
    if bands == {12, 14} and switches.from_12 is switches.from_14:
        bands = {14}
    if len(bands) > 1:
        return DenyReason.AGE_UNKNOWN
    band = bands.pop()
    if band == 16 or (band == 12 and not switches.from_12) or (band == 14 and not switches.from_14):
        return DenyReason.NO_GROUND
    if says is not None:
        return says
    ends = min(AT + FIVE_MINUTES, AT + HOUR, age.boundary or AT + HOUR)
    if band == 0:
        return Basis.PARENTAL_AUTHORITY, ends
    if agreed_until is None:
        return DenyReason.NO_ASSENT
    return Basis.PARENTAL_AUTHORITY_AND_ASSENT, min(ends, agreed_until)


def test_rule_7_and_nothing_else() -> None:
    """Rules 3, 7, 8, 9 and 11: ages, authority, the child's own word, the two switches and blocks, all together."""
    outcomes: Counter[DenyReason | Basis] = Counter()
    for age, (said, refusal), (given, agreed_until), switches, (blocks, blocked) in itertools.product(
        AGES, SAYS, ASSENTS, SWITCHES, BLOCKS
    ):
        about = represented(
            evidence=evidence(birth=age.birth, answered_at=AT - MINUTE), authority=said, open_ages=switches
        )
        facts = acting_facts(represented=about, assents=given, blocks=blocks, consents=(consent(subject=MY_CHILD),))
        decision = decide(acting_request(), facts, AT)
        right = expected(age, refusal, agreed_until, switches, blocked=blocked)
        if isinstance(decision, Deny):
            assert decision.reason is right, (age, said, given, switches)
            outcomes[decision.reason] += 1
        else:
            assert (decision.basis, decision.until) == right, (age, said, given, switches)
            assert bool(decision.assents) is (decision.basis is Basis.PARENTAL_AUTHORITY_AND_ASSENT)
            outcomes[decision.basis] += 1
    seen = {DenyReason.BLOCKED, DenyReason.AGE_UNKNOWN, DenyReason.INDETERMINATE, DenyReason.NO_ASSENT}
    assert set(outcomes) == seen | {DenyReason.NO_GROUND} | (set(Basis) - {Basis.SELF, Basis.MANDATE, Basis.LEGAL}), (
        "each has been seen"
    )
