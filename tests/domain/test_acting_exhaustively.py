"""Every combination where somebody acts for another, against the rules written down once more as plainly as can be.

Nobody here has agreed that a parent acts for them: with that, `test_young_exhaustively`.
"""

import itertools
from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.domain.domain_examples import (
    AT,
    CHILDS_BSN,
    HOSPITAL,
    HOUR,
    ME,
    MINUTE,
    MY_BSN,
    MY_CHILD,
    OTHER_PARENTS_BSN,
    acting_facts,
    acting_request,
    authority,
    client,
    consent,
    evidence,
    represented,
    source,
)
from tests.domain.test_block import block
from vad.domain.access import Deny, decide
from vad.domain.age import BirthDate
from vad.domain.block import Block, BlockKind
from vad.domain.client import Client, ResourceServer
from vad.domain.consent import Consent
from vad.domain.ground import Basis, DenyReason
from vad.domain.parental_authority import AuthorityKind, AuthorityRelation, ParentalAuthority
from vad.domain.person import Evidence

OLD = timedelta(minutes=15)
TURNS_12 = datetime.fromisoformat("2026-11-21T23:00:00+00:00")
"""The first moment of 22 November 2026 in Amsterdam."""


class Age(NamedTuple):
    """A birth date of the subject, and what is true of it at `AT`."""

    birth: BirthDate
    is_12: bool | None
    is_14_or_15: bool = False
    boundary: datetime | None = None


class About(NamedTuple):
    """What the register said of one of the two."""

    known: bool = True
    ago: timedelta = MINUTE
    deceased: bool = False
    doubtful: bool = False
    curatele: bool = False

    @property
    def usable(self) -> bool:
        """Whether acting may rest on it."""
        return self.known and self.ago < OLD

    def evidence(self, birth: BirthDate) -> Evidence | None:
        """The same, for `decide`."""
        said = evidence(
            birth=birth,
            answered_at=AT - self.ago,
            deceased=self.deceased,
            doubtful=self.doubtful,
            curatele=self.curatele,
        )
        return said if self.known else None


class Says(NamedTuple):
    """What the register says of the authority over the subject, and what that is worth to the actor."""

    authority: ParentalAuthority | None
    refusal: DenyReason | None = None


AGES = (
    Age(BirthDate(2018, 3, 1), is_12=False),
    Age(BirthDate(2014, 11, 22), is_12=False, boundary=TURNS_12),  # 11 years and 364 days
    Age(BirthDate(2014, 11, 21), is_12=True),
    Age(BirthDate(2010, 11, 22), is_12=True, is_14_or_15=True),  # 15 years and 364 days
    Age(BirthDate(1950), is_12=True),
    Age(BirthDate(2014), is_12=None),
    Age(BirthDate(), is_12=None),
)
ABOUT = (
    About(),
    About(known=False),
    About(ago=OLD),
    About(deceased=True),
    About(doubtful=True),
    About(curatele=True),
    About(deceased=True, doubtful=True, curatele=True),
)
_ONE = AuthorityRelation(AuthorityKind.ONE_PARENT, CHILDS_BSN, frozenset({MY_BSN}))
_OTHERS = AuthorityRelation(AuthorityKind.ONE_PARENT, CHILDS_BSN, frozenset({OTHER_PARENTS_BSN}))
_UNSURE = AuthorityRelation(AuthorityKind.ONE_PARENT, CHILDS_BSN, frozenset({MY_BSN}), in_doubt=True)
SAYS = (
    Says(authority()),
    Says(authority(relations=(_OTHERS, _ONE))),
    Says(authority(relations=(_OTHERS,)), DenyReason.NO_GROUND),
    Says(authority(relations=()), DenyReason.NO_GROUND),
    Says(authority(relations=(_ONE, AuthorityRelation(AuthorityKind.NOT_DETERMINABLE))), DenyReason.NO_GROUND),
    Says(authority(relations=(_UNSURE,)), DenyReason.INDETERMINATE),
    Says(authority(answered_at=AT - OLD), DenyReason.INDETERMINATE),
    Says(None, DenyReason.INDETERMINATE),
)
CONSENTS: tuple[tuple[Consent, bool], ...] = (
    (consent(subject=MY_CHILD), True),
    (consent(), False),
    (consent(subject=MY_CHILD, until=AT), False),
)
BLOCKS: tuple[tuple[Block, bool], ...] = (
    (block(), False),
    (block(subject=MY_CHILD, kind=BlockKind.REPRESENTATION, target=""), True),
    (block(subject=MY_CHILD, kind=BlockKind.REPRESENTATIVE, target=str(ME)), True),
    (block(subject=MY_CHILD, kind=BlockKind.SOURCE, target=HOSPITAL, lifted_at=AT), False),
)
UNDERSTANDING: tuple[tuple[Client, ResourceServer, bool], ...] = (
    (client(representation=True), source(), True),
    (client(), source(), False),
    (client(representation=True), source(representation=False), False),
)


def expected(  # noqa: PLR0913 - everything that the rules look at
    actor: About, subject: About, age: Age, says: Says, *, consented: bool, blocked: bool, understood: bool
) -> DenyReason | datetime:
    """Rules 3, 4, 7 to 9, 11 and 16, in their order: the reason of the refusal, or the end of what is allowed."""
    rules = (
        (DenyReason.BLOCKED, blocked),
        (DenyReason.NOT_QUALIFIED, not understood),
        (DenyReason.NO_CONSENT, not consented),
        (DenyReason.INDETERMINATE, not actor.usable or not subject.usable),
        (DenyReason.DECEASED, actor.deceased or subject.deceased),
        (DenyReason.INDETERMINATE, actor.doubtful or subject.doubtful),
        (DenyReason.CURATELE, actor.curatele),
        (DenyReason.AGE_UNKNOWN, age.is_12 is None),
        (DenyReason.NO_GROUND, age.is_12 is True and not age.is_14_or_15),
        (says.refusal, says.refusal is not None),
        (DenyReason.NO_ASSENT, age.is_14_or_15),
    )
    for reason, matches in rules:
        if matches and reason is not None:
            return reason
    return min(AT + timedelta(seconds=300), age.boundary or AT + HOUR)


def test_decide_is_the_rules_and_nothing_else() -> None:
    """Rules 3, 4, 7 to 9, 11 and 16: the first match wins in every combination, and what is allowed ends in time."""
    outcomes: Counter[DenyReason | None] = Counter()
    for (app, where, understood), (agreed, consented), (off, blocked) in itertools.product(
        UNDERSTANDING, CONSENTS, BLOCKS
    ):
        asked = acting_request(client=app, source=where)
        for actor, subject, age, says in itertools.product(ABOUT, ABOUT, AGES, SAYS):
            known = represented(evidence=subject.evidence(age.birth), authority=says.authority)
            facts = acting_facts(
                evidence=actor.evidence(BirthDate(1984, 5, 17)),
                consents=(agreed,),
                blocks=(off,),
                represented=known,
            )
            decision = decide(asked, facts, AT)
            right = expected(actor, subject, age, says, consented=consented, blocked=blocked, understood=understood)
            if isinstance(decision, Deny):
                assert decision.reason is right, (actor, subject, age, says)
                outcomes[decision.reason] += 1
            else:
                assert decision.until == right, (actor, subject, age, says)
                assert (decision.basis, decision.request) == (Basis.PARENTAL_AUTHORITY, asked)
                assert (decision.represented, decision.consents) == (known, (agreed,))
                outcomes[None] += 1
    never = {DenyReason.LOA, DenyReason.SESSION_ENDED, DenyReason.AGE_SELF}
    assert set(outcomes) == {None, *DenyReason} - never, "every other outcome has been seen"
