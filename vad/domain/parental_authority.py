"""What the register says of who has authority over a child, and whether somebody is a holder (rules 13, 15 and 16).

Authority is never inferred from parenthood: the register is asked about the child, and that answer alone decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vad.domain.assent import OpenAges
from vad.domain.identifiers import Bsn
from vad.domain.person import Evidence

ADULT = 18
"""From this age in years nobody has parental authority over a person."""

AUTHORITY_FRESH = timedelta(minutes=15)
"""How old an answer may be and still carry a decision."""


class AuthorityKind(StrEnum):
    """The shapes of an answer (BRP-API personen, `gezag`), under their names since version 2."""

    JOINT_PARENTS = "GezamenlijkOuderlijkGezag"
    ONE_PARENT = "EenhoofdigOuderlijkGezag"
    PARENT_AND_OTHER = "GezamenlijkGezag"
    GUARDIANSHIP = "Voogdij"
    TEMPORARILY_NONE = "TijdelijkGeenGezag"
    NOT_DETERMINABLE = "GezagNietTeBepalen"


@dataclass(frozen=True, slots=True)
class AuthorityRelation:
    """One element of an answer: who holds authority over one child, as far as the register knows them."""

    kind: AuthorityKind
    minor: Bsn | None = None
    """Whom it is about; None where the answer leaves it out."""
    holders: frozenset[Bsn] = frozenset()
    """Those that the register names. A holder without a BSN, or an institution, is not among them."""
    in_doubt: bool = False
    """The register is investigating it (`inOnderzoek`)."""


@dataclass(frozen=True, slots=True)
class ParentalAuthority:
    """Everything that the register said of the authority over one child, and when."""

    child: Bsn
    relations: tuple[AuthorityRelation, ...]
    register: str
    """Which register and version answered, for the log."""
    answered_at: datetime

    def usable(self, at: datetime) -> bool:
        """Whether it may still carry a decision."""
        return at < self.answered_at + AUTHORITY_FRESH

    def as_record(self) -> dict[str, object]:
        """What the log keeps of it: shapes and times, no personal data."""
        return {
            "authority": sorted(relation.kind.value for relation in self.relations),
            "authority_register": self.register,
            "authority_answered_at": self.answered_at.isoformat(),
            "authority_in_onderzoek": any(relation.in_doubt for relation in self.relations),
        }


@dataclass(frozen=True, slots=True)
class Represented:
    """What is known of the subject, where that is another person than the actor."""

    actor: Bsn
    """As the register knows who acts."""
    subject: Bsn
    """As the register knows whose data it is."""
    evidence: Evidence | None
    """About the subject. None: the register gave no answer that may be used."""
    authority: ParentalAuthority | None
    """None: the register was not asked, or gave no answer that may be used."""
    open_ages: OpenAges
    """What this installation allows."""

    def as_record(self) -> dict[str, object]:
        """What the log keeps of it: no personal data."""
        said = self.evidence.as_record() if self.evidence else {}
        return {f"represented_{name}": value for name, value in said.items()} | (
            self.authority.as_record() if self.authority else {}
        )


class Holding(StrEnum):
    """Whether somebody holds authority over a child (rule 16)."""

    HOLDER = "holder"
    NONE = "none"
    INDETERMINATE = "indeterminate"
    """The register did not say, or is not sure: nobody may know which."""


_NOBODY = frozenset({AuthorityKind.TEMPORARILY_NONE, AuthorityKind.NOT_DETERMINABLE})


def holding(actor: Bsn, authority: ParentalAuthority, at: datetime) -> Holding:
    """Whether `actor` is a holder, the first match of rule 16. Ages and deaths are the decision's own (rules 4 and 8).

    One element that cannot be determined makes nothing of all the others.
    """
    if not authority.usable(at):
        return Holding.INDETERMINATE
    relations = authority.relations
    if not relations or any(relation.kind in _NOBODY for relation in relations):
        return Holding.NONE
    if any(relation.in_doubt for relation in relations):
        return Holding.INDETERMINATE
    if any(relation.minor is not None and relation.minor != authority.child for relation in relations):
        return Holding.NONE
    return Holding.HOLDER if any(actor in relation.holders for relation in relations) else Holding.NONE
