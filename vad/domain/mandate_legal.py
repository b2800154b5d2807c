"""Acting for somebody because a court or the law says so: made by staff, by two of them (rule 29)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.age import reached
from vad.domain.identifiers import PersonId
from vad.domain.justification import CASE_NUMBER, holds_bsn
from vad.domain.mandate import OVER, Mandate, MandateState, Route
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.person import Evidence

_OF_SAY, _OF_AGE = 12, 18


class LegalKind(StrEnum):
    """What somebody is to the person for whom they act. A bewindvoerder is about money, and is not among them."""

    CURATOR = "curator"
    MENTOR = "mentor"
    GUARDIAN = "guardian"
    """Of a child, for an institution that the register does not name."""
    OF_YOUNG_PERSON = "of_young_person"
    """Of somebody of 12 to 17 who cannot decide."""


@dataclass(frozen=True, slots=True)
class Legal:
    """What a mandate on the ground of law has beside what every mandate has. Its last day is the day of its review."""

    kind: LegalKind
    reference: str
    """To the decision that it rests on: a case number. It is sealed in the log, so no name or BSN may stand in it."""
    proposed_by: PersonId
    """Staff, as the person that they are: four eyes are those of two people, not of two accounts."""
    approved_by: PersonId | None = None

    def check(self, mandate: Mandate) -> None:
        """Raise `MandateUnableError` for a case without evidence, or of somebody with themself."""
        if not CASE_NUMBER.fullmatch(self.reference) or holds_bsn(self.reference):
            raise MandateUnableError(Unable.NOTHING)
        if mandate.represented == mandate.representative:
            raise MandateUnableError(Unable.ONESELF)


def unable_to_be_represented(kind: LegalKind, evidence: Evidence | None, at: datetime) -> Unable | None:
    """Why the register speaks against it; None where it does not. Curatele is evidence here, and no hindrance."""
    if evidence is None or not evidence.fresh(at) or evidence.doubtful or evidence.deceased:
        return Unable.UNSURE
    of_age, of_say = reached(evidence.birth, _OF_AGE, at), reached(evidence.birth, _OF_SAY, at)
    fits: bool | None
    match kind:
        case LegalKind.CURATOR:
            fits = evidence.curatele
        case LegalKind.MENTOR:
            fits = of_age
        case LegalKind.GUARDIAN:
            fits = None if of_age is None else not of_age
        case LegalKind.OF_YOUNG_PERSON:
            fits = None if of_age is None or of_say is None else of_say and not of_age
    if fits is None:
        return Unable.UNSURE
    return None if fits else Unable.NOT_THAT_KIND


def seen(mandate: Mandate) -> bool:
    """Whether its two people see it: of what staff propose or refuse they hear nothing."""
    return mandate.route is not Route.LEGAL or mandate.state is MandateState.ACTIVE or mandate.state in OVER
