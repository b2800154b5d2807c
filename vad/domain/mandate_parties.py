"""Who may give a mandate, and who may hold one (rule 20)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.age import reached
from vad.domain.errors import VadError
from vad.domain.person import Evidence


class Unable(StrEnum):
    """Why something can't be done with a mandate now. For the log and the page."""

    TOO_YOUNG = "too_young"
    CURATELE = "curatele"
    UNSURE = "unsure"
    """The register does not say now, or is not sure."""
    TOO_MANY = "too_many"
    """So many wait for an answer already (rule 26)."""
    TOO_MANY_LETTERS = "too_many_letters"
    """This person asked for so many letters today."""
    NOTHING = "nothing"
    """No permission, or one for what there is not."""
    ONESELF = "oneself"
    """Nobody acts for themself (rule 26)."""
    SAME = "same"
    """A live mandate between the two has one of the permissions already (rule 26)."""
    SWITCHED_OFF = "switched_off"
    """The person has switched off that others act for them."""
    NEUTRAL = "neutral"
    """It can't be, and this person must not know why."""
    NOT_THAT_KIND = "not_that_kind"
    """The register speaks against this kind of representation (rule 29)."""
    MOVED_ON = "moved_on"
    """It is not in that state any more: somebody was first."""


class MandateUnableError(VadError):
    """What was asked can't be done; nothing was changed."""

    def __init__(self, why: Unable) -> None:
        super().__init__(why)
        self.why: Unable = why


@dataclass(frozen=True, slots=True)
class MandateRules:
    """What an installation may set."""

    grantor_age: int = 18
    """The youngest age in years at which somebody may give a mandate."""
    representative_age: int = 18
    """The youngest age in years at which somebody may hold one."""


def unable(evidence: Evidence | None, age: int, at: datetime) -> Unable | None:
    """Why this person can't be on either side of a mandate, `age` years being the least; None: they can."""
    if evidence is None or not evidence.fresh(at) or evidence.doubtful or evidence.deceased:
        return Unable.UNSURE
    if evidence.curatele is None:
        return Unable.UNSURE
    if evidence.curatele:
        return Unable.CURATELE
    match reached(evidence.birth, age, at):
        case None:
            return Unable.UNSURE
        case False:
            return Unable.TOO_YOUNG
        case True:
            return None
