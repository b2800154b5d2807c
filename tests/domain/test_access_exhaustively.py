"""Every combination for one's own data, against the rules written down once more as plainly as can be.

Acting for another: `test_acting_exhaustively`.
"""

import itertools
from collections import Counter
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tests.domain.domain_examples import (
    ADULT,
    AT,
    BGZ,
    GP,
    HOUR,
    OTHER_APP,
    SECOND,
    access_request,
    client,
    consent,
    evidence,
    source,
)
from vad.domain.access import AccessRequest, Deny, Facts, decide
from vad.domain.age import BirthDate
from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import ResourceServer
from vad.domain.ground import Basis, DenyReason
from vad.domain.identifiers import PersonId

OTHER_PERSON = PersonId(UUID(int=3))
TOKEN_LIFE = timedelta(seconds=300)
TURNS_18 = datetime.fromisoformat("2026-11-21T23:00:00+00:00")
"""The first moment of 22 November 2026 in Amsterdam."""


class Age(NamedTuple):
    """A birth date, and what is true of it at `AT`."""

    birth: BirthDate
    is_16: bool | None
    boundary: datetime | None = None


class Agreed(NamedTuple):
    """A consent in the facts, as the changes to one that is in order, and what it is good for."""

    changes: dict[str, object] | None
    for_source: bool = False
    for_login: bool = False


class Answer(NamedTuple):
    """How long ago the register answered; None: not at all."""

    ago: timedelta | None
    usable: bool


class Where(NamedTuple):
    """A data source, or VAD itself, and what is true of it."""

    source: ResourceServer | None
    demanded: LevelOfAssurance = LevelOfAssurance.SUBSTANTIEEL
    active: bool = True
    admitted: bool = True


AGES = (
    Age(BirthDate(2010, 11, 22), is_16=False),  # 15 years and 364 days
    Age(BirthDate(2010, 11, 21), is_16=True),
    Age(BirthDate(2008, 11, 22), is_16=True, boundary=TURNS_18),  # 17 years and 364 days
    Age(ADULT, is_16=True),
    Age(BirthDate(2010), is_16=None),
    Age(BirthDate(), is_16=None),
)
SESSIONS = ((None, False), (AT, False), (AT + HOUR, True))
CONSENTS = (
    Agreed(None),
    Agreed({}, for_source=True, for_login=True),
    Agreed({"until": AT}),
    Agreed({"withdrawn_at": AT - SECOND}),
    Agreed({"client_id": OTHER_APP}),
    Agreed({"person_id": OTHER_PERSON}),
    Agreed({"subject": OTHER_PERSON}),
    Agreed({"resource": GP}, for_login=True),
    Agreed({"data_services": frozenset({"49"})}, for_login=True),
)
ANSWERS = (
    Answer(None, usable=False),
    Answer(timedelta(hours=24), usable=False),
    Answer(timedelta(hours=24) - SECOND, usable=True),
)
SOURCES = (
    Where(None),
    Where(source()),
    Where(source(minimum_level=LevelOfAssurance.HOOG), demanded=LevelOfAssurance.HOOG),
    Where(source(minimum_level=LevelOfAssurance.MIDDEN)),  # the app still demands more
    Where(source(active=False), active=False),
    Where(source(admitted={OTHER_APP: BGZ}), admitted=False),
)
OF_ACTING = {DenyReason.NO_GROUND, DenyReason.CURATELE, DenyReason.NO_ASSENT}
"""What only somebody who acts for another can meet."""
LEVELS = (LevelOfAssurance.MIDDEN, LevelOfAssurance.SUBSTANTIEEL, LevelOfAssurance.HOOG)


class Question(NamedTuple):
    """What is asked."""

    level: LevelOfAssurance
    where: Where
    active: bool
    session: tuple[datetime | None, bool]

    def asked(self) -> AccessRequest:
        """The same, for `decide`."""
        return access_request(
            level=self.level,
            source=self.where.source,
            client=client(active=self.active),
            session_ends_at=self.session[0],
            data_services=BGZ if self.where.source else frozenset(),
        )


class Knowledge(NamedTuple):
    """What is known."""

    agreed: Agreed
    answer: Answer
    deceased: bool
    age: Age

    def facts(self) -> Facts:
        """The same, for `decide`."""
        ago, changes = self.answer.ago, self.agreed.changes
        said = evidence(birth=self.age.birth, deceased=self.deceased, answered_at=AT - (ago or HOUR))
        agreed = () if changes is None else (consent(**changes),)
        return Facts(None if ago is None else said, agreed)


def expected(question: Question, known: Knowledge) -> DenyReason | datetime:
    """Rules 1 to 5 in their order: the reason of the refusal, or the end of what is allowed."""
    until, live = question.session
    consented = known.agreed.for_source if question.where.source else known.agreed.for_login
    rules = (
        (DenyReason.LOA, question.level < question.where.demanded),
        (DenyReason.SESSION_ENDED, not live),
        (DenyReason.BLOCKED, not question.active or not question.where.active),
        (DenyReason.NOT_QUALIFIED, not question.where.admitted),
        (DenyReason.NO_CONSENT, not consented),
        (DenyReason.INDETERMINATE, not known.answer.usable),
        (DenyReason.DECEASED, known.deceased),
        (DenyReason.AGE_UNKNOWN, known.age.is_16 is None),
        (DenyReason.AGE_SELF, known.age.is_16 is False),
    )
    for reason, matches in rules:
        if matches:
            return reason
    return min(end for end in (AT + TOKEN_LIFE, until, known.age.boundary) if end is not None)


def test_decide_is_the_rules_and_nothing_else() -> None:
    """Rules 1 to 5: for every combination the first match wins, and what is allowed ends when it must."""
    knowledge = [Knowledge(*each) for each in itertools.product(CONSENTS, ANSWERS, (False, True), AGES)]
    facts = [(known, known.facts()) for known in knowledge]
    outcomes: Counter[DenyReason | None] = Counter()
    for each in itertools.product(LEVELS, SOURCES, (True, False), SESSIONS):
        question = Question(*each)
        asked = question.asked()
        for known, given in facts:
            decision = decide(asked, given, AT)
            right = expected(question, known)
            if isinstance(decision, Deny):
                assert decision.reason is right, (question, known)
                outcomes[decision.reason] += 1
            else:
                assert decision.until == right, (question, known)
                assert (decision.basis, decision.request) == (Basis.SELF, asked)
                assert (decision.evidence, decision.consents) == (given.evidence, given.consents)
                outcomes[None] += 1
    assert set(outcomes) == {None, *(set(DenyReason) - OF_ACTING)}, "every outcome has been seen"
