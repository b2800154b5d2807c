"""On which ground somebody may see data, as far as people and registers decide it (rules 4 to 9, and 16).

`vad.domain.access` has the whole decision; it asks here last.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.age import BirthDate, reached
from vad.domain.assent import AGE_OF_SAY, AGE_OF_SELF, Assent
from vad.domain.mandate import Mandate, Route
from vad.domain.parental_authority import Holding, Represented, holding
from vad.domain.person import Evidence


class Basis(StrEnum):
    """The ground on which somebody may see data."""

    SELF = "self"
    PARENTAL_AUTHORITY = "parental_authority"
    PARENTAL_AUTHORITY_AND_ASSENT = "parental_authority_and_assent"
    """Of a child of 12 to 15, who agreed."""
    MANDATE = "mandate"
    LEGAL = "legal"
    """A court or the law lets somebody act: a curator, a mentor, a guardian (rule 29)."""


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
    mandate: Mandate | None = None


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


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the subject agreed to that covers what is asked."""

    assents: tuple[Assent, ...] = ()
    mandates: tuple[Mandate, ...] = ()


def acting_ground(
    evidence: Evidence, represented: Represented | None, agreed: Agreed, at: datetime
) -> Ground | DenyReason:
    """Rules 4, 6 to 9 and 29, for somebody who acts for another. `evidence` is about the actor."""
    about = None if represented is None else represented.evidence
    if represented is None or about is None or not (about.fresh(at) and evidence.fresh(at)):
        return DenyReason.INDETERMINATE
    unfit = _unfit(evidence, about)
    if unfit is not None:
        return unfit
    legal = next((each for each in agreed.mandates if each.route is Route.LEGAL), None)
    if legal is not None:
        # At whatever age, and under curatele too: that is what it is for.
        return Ground(Basis.LEGAL, mandate=legal)
    if reached(about.birth, AGE_OF_SELF, at):
        return _on_mandate(about, agreed.mandates)
    match reached(about.birth, AGE_OF_SAY, at):
        case None:
            return DenyReason.AGE_UNKNOWN
        case True:
            return _from_twelve(represented, about.birth, agreed.assents, at)
        case False:
            return _without_authority(represented, at) or Ground(Basis.PARENTAL_AUTHORITY)


def _unfit(evidence: Evidence, about: Evidence) -> DenyReason | None:
    """Rule 4, and what makes the register's answers no answers: about the actor, and about whom they act for."""
    if evidence.deceased or about.deceased:
        return DenyReason.DECEASED
    if evidence.doubtful or about.doubtful or evidence.curatele is None:
        return DenyReason.INDETERMINATE
    return DenyReason.CURATELE if evidence.curatele else None


def _on_mandate(about: Evidence, mandates: tuple[Mandate, ...]) -> Ground | DenyReason:
    """Rule 6. What somebody gave who could not give it any more is none."""
    if not mandates:
        return DenyReason.NO_GROUND
    if about.curatele is None:
        return DenyReason.INDETERMINATE
    return DenyReason.CURATELE if about.curatele else Ground(Basis.MANDATE, mandate=mandates[0])


def _from_twelve(
    represented: Represented, birth: BirthDate, assents: tuple[Assent, ...], at: datetime
) -> Ground | DenyReason:
    """Rule 7: from 12 the child must agree as well."""
    opened = represented.open_ages.to(birth, at)
    if opened is None or reached(birth, AGE_OF_SELF, at) is None:
        return DenyReason.AGE_UNKNOWN
    if not opened:
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
