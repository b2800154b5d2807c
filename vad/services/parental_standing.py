"""Who could act for a child by parental authority at a moment that is past, as far as VAD can know (rule 43, (a)).

VAD keeps no register of parents. What it has is the newest decision about each parent, what the child agreed to, and
the child's date of birth. Whatever of these says no takes a parent out of the answer.
"""

from datetime import datetime, timedelta
from typing import Final

from vad.domain.age import BirthDate, reached
from vad.domain.assent import AGE_OF_SAY, AGE_OF_SELF
from vad.domain.ground import Basis
from vad.domain.identifiers import PersonId
from vad.services.ports.log_search import ParentSeen
from vad.services.ports.records import UnitOfWork

SEEN_WITHIN: Final = timedelta(days=400)
"""How long ago the last decision on parental authority may be: a parent who asks seldom asks once a year."""


def parents_at(tx: UnitOfWork, represented: PersonId, at: datetime) -> tuple[ParentSeen, ...]:
    """The parents who could act for this child then, each with the decision that says so and the ground as it was."""
    seen = tx.log_questions.parents(represented, at - SEEN_WITHIN, at)
    if not seen:
        return ()
    child = tx.persons.get(represented)
    known = child.evidence if child else None
    if known is not None and known.deceased and known.answered_at <= at:
        return ()
    agreed = tx.log_questions.assented(represented, at)
    birth = known.birth if known else None
    grounds = ((each, ground_at(each.basis, birth, at, agreed=each.actor in agreed)) for each in seen)
    return tuple(
        ParentSeen(each.actor, ground, each.event_id, each.at) for each, ground in grounds if ground is not None
    )


def ground_at(decided: Basis, birth: BirthDate | None, at: datetime, *, agreed: bool) -> Basis | None:
    """What the ground of a decision had become at `at`; None where it carried nothing any more (rules 6 to 8).

    Where no date of birth is known the decision tells the age that the child had then.
    """
    young = decided is Basis.PARENTAL_AUTHORITY
    if birth is not None:
        if reached(birth, AGE_OF_SELF, at) is not False:
            return None
        of_say = reached(birth, AGE_OF_SAY, at)
        if of_say is None:
            return None
        young = not of_say
    if young:
        return Basis.PARENTAL_AUTHORITY
    return Basis.PARENTAL_AUTHORITY_AND_ASSENT if agreed else None
