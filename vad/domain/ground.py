"""On which ground somebody may see data, as far as people and registers decide it (rules 4, 5, 7, 8, 9 and 16).

`vad.domain.access` has the whole decision; it asks here last.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.age import BirthDate, reached
from vad.domain.assent import AGE_OF_SAY, AGE_OF_SELF, Assent
from vad.domain.parental_authority import Holding, Represented, holding
from vad.domain.person import Evidence


class Basis(StrEnum):
    """The ground on which somebody may see data."""

    SELF = "self"
    PARENTAL_AUTHORITY = "parental_authority"
    PARENTAL_AUTHORITY_AND_ASSENT = "parental_authority_and_assent"
    """Of a child of 12 to 15, who agreed."""


class DenyReason(StrEnum):
    """Why the decision went against the request."""

    LOA = "LOA"
    SESSION_ENDED = "SESSION_ENDED"
    BLOCKED = "BLOCKED"
    NOT_QUALIFIED = "NOT_QUALIFIED"
    NO_CONSENT = "NO_CONSENT"
    DECEASED = "DECEASED"
    CURATELE = "CURATELE"
    AGE_SELF = "AGE_SELF"
    AGE_UNKNOWN = "AGE_UNKNOWN"
    INDETERMINATE = "INDETERMINATE"
    NO_ASSENT = "NO_ASSENT"
    NO_GROUND = "NO_GROUND"


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground, and the agreements that it rests on."""

    basis: Basis
    assents: tuple[Assent, ...] = ()


def own_ground(evidence: Evidence, at: datetime) -> Ground | DenyReason:
    """Rules 4 and 5, for somebody who asks for their own data."""
    if evidence.deceased:
        return DenyReason.DECEASED
    if evidence.doubtful:
        return DenyReason.INDETERMINATE
    match reached(evidence.birth, AGE_OF_SELF, at):
        case None:
            return DenyReason.AGE_UNKNOWN
        case False:
            return DenyReason.AGE_SELF
        case True:
            return Ground(Basis.SELF)


def acting_ground(
    evidence: Evidence, represented: Represented | None, assents: tuple[Assent, ...], at: datetime
) -> Ground | DenyReason:
    """Rules 4 and 7 to 9, for somebody who acts for another. `evidence` is about the actor.

    `assents` are those that would carry it.
    """
    about = None if represented is None else represented.evidence
    if represented is None or about is None or not (about.fresh(at) and evidence.fresh(at)):
        return DenyReason.INDETERMINATE
    if evidence.deceased or about.deceased:
        return DenyReason.DECEASED
    if evidence.doubtful or about.doubtful:
        return DenyReason.INDETERMINATE
    if evidence.curatele is None:
        return DenyReason.INDETERMINATE
    if evidence.curatele:
        return DenyReason.CURATELE
    match reached(about.birth, AGE_OF_SAY, at):
        case None:
            return DenyReason.AGE_UNKNOWN
        case True:
            return _from_twelve(represented, about.birth, assents, at)
        case False:
            return _without_authority(represented, at) or Ground(Basis.PARENTAL_AUTHORITY)


def _from_twelve(
    represented: Represented, birth: BirthDate, assents: tuple[Assent, ...], at: datetime
) -> Ground | DenyReason:
    """Rule 7: from 12 the child must agree as well; from 16 authority is no ground at all."""
    adult, opened = reached(birth, AGE_OF_SELF, at), represented.open_ages.to(birth, at)
    if adult is None or (opened is None and not adult):
        return DenyReason.AGE_UNKNOWN
    if adult or not opened:
        return DenyReason.NO_GROUND
    hindrance = _without_authority(represented, at)
    if hindrance is not None:
        return hindrance
    return Ground(Basis.PARENTAL_AUTHORITY_AND_ASSENT, assents) if assents else DenyReason.NO_ASSENT


def _without_authority(represented: Represented, at: datetime) -> DenyReason | None:
    """Rule 16: what is in the way of authority, by what the register says and nothing else; None where nothing is."""
    authority = represented.authority
    if authority is None or authority.child != represented.subject:
        return DenyReason.INDETERMINATE
    match holding(represented.actor, authority, at):
        case Holding.HOLDER:
            return None
        case Holding.NONE:
            return DenyReason.NO_GROUND
        case Holding.INDETERMINATE:
            return DenyReason.INDETERMINATE
