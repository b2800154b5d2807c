"""A mandate on paper: the proof that either side prints, what whoever holds it may hear, and the paper of a code."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate, MandateState, Route
from vad.domain.mandate_events import MandateProofChecked, MandateProofMade
from vad.domain.mandate_parties import MandateUnableError
from vad.domain.session import Session
from vad.services.mandate_codes import code_hashes
from vad.services.mandate_overview import Allowed, MandateOverview
from vad.services.mandate_parties import check_not_switched_off
from vad.services.mandates import event
from vad.services.names import Names
from vad.services.ports.records import Person, UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Handles
from vad.services.representation import Representation


class Standing(StrEnum):
    """What whoever looks at a proof hears. Why it does not hold hears nobody."""

    VALID = "valid"
    LATER = "later"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands on the paper."""

    mandate: Mandate
    represented: str
    representative: str
    allowed: tuple[Allowed, ...]
    handle: str
    """Names the mandate in the address of the QR code."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What becomes of a proof that somebody looks at; `proof` with initials alone, None where it does not hold."""

    standing: Standing
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class MandateProofs:
    """The use case."""

    work: UnitOfWorkFactory
    overview: MandateOverview
    representation: Representation
    names: Names
    handles: Handles

    def made(self, session: Session, mandate_id: MandateId, at: datetime) -> Proof | None:
        """The proof of a mandate that is in force, for either side of it; None for anything else.

        Raises `RegisterUnavailableError`: a proof without both names proves nothing.
        """
        with self.work() as tx:
            mandate = tx.mandates.get(mandate_id)
        if mandate is None or session.person_id not in (mandate.represented, mandate.representative):
            return None
        if mandate.standing(at) is not MandateState.ACTIVE:
            return None
        proof = self._proof(mandate, at)
        with self.work() as tx:
            tx.audit.append(event(MandateProofMade, mandate, session.person_id, session), at=at)
            tx.commit()
        return proof

    def of_code(self, session: Session, text: str, at: datetime) -> Mandate | None:
        """What this person made with this code and nobody has answered: no other code gets on paper in our name."""
        hashes = code_hashes(self.handles, text)
        if not hashes:
            return None
        with self.work() as tx:
            coded = tx.mandates.by_code(hashes)
        # A code that went by post is on paper already, and is somebody else's to give.
        mandate = None if coded is None or coded.mandate.route is Route.LETTER else coded.mandate
        mine = mandate is not None and mandate.maker == session.person_id and mandate.other is None
        return mandate if mandate is not None and mine and mandate.open(at) else None

    def checked(self, handle: str, at: datetime) -> Checked | None:
        """Whether the mandate of this paper holds now; None for a paper that is not ours.

        Raises `RegisterUnavailableError` where that can't be said.
        """
        mandate_id = self.handles.read_mandate_proof(handle)
        if mandate_id is None:
            return None
        with self.work() as tx:
            mandate = tx.mandates.get(mandate_id)
            switched_off = mandate is None or _switched_off(tx, mandate, at)
        if mandate is None:
            return Checked(Standing.OVER)
        holds = mandate.standing(at) is MandateState.ACTIVE and not switched_off and self._both_able(mandate, at)
        if not holds:
            checked = Checked(Standing.OVER)
        else:
            proof = self._proof(mandate, at, masked=True)
            checked = Checked(Standing.VALID if mandate.live(at) else Standing.LATER, proof)
        with self.work() as tx:
            tx.audit.append(event(MandateProofChecked, mandate, None, reason=checked.standing.value), at=at)
            tx.commit()
        return checked

    def _proof(self, mandate: Mandate, at: datetime, *, masked: bool = False) -> Proof:
        represented, representative = (self._name(each, at) for each in (mandate.represented, mandate.representative))
        if masked:
            represented, representative = initials(represented), initials(representative)
        handle = self.handles.mandate_proof(mandate.mandate_id)
        return Proof(mandate, represented, representative, self.overview.allowed(mandate), handle)

    def _name(self, person_id: PersonId | None, at: datetime) -> str:
        name = None if person_id is None else self.names.shown(person_id, at)
        if not name:
            raise RegisterUnavailableError("brp: a name for a proof can't be had now")
        return name

    def _both_able(self, mandate: Mandate, at: datetime) -> bool:
        """Whether neither died nor is under curatele, which is asked anew where it was not asked lately (rule 27)."""
        with self.work() as tx:
            people = [tx.persons.get(each) for each in (mandate.represented, mandate.representative) if each]
        # Of whom a curator acts for, curatele is no end (rule 29).
        allowed = (mandate.route is Route.LEGAL, False)
        return all(
            each is not None and self._able(each, at, curatele=curatele)
            for each, curatele in zip(people, allowed, strict=True)
        )

    def _able(self, person: Person, at: datetime, *, curatele: bool) -> bool:
        evidence = self.representation.evidence_of(person, at)
        if evidence is None or not evidence.fresh(at):
            raise RegisterUnavailableError("brp: whether somebody lives can't be told now")
        return not (evidence.deceased or (evidence.curatele and not curatele))


def initials(name: str) -> str:
    """A name as far as a stranger needs it to compare it with a paper: the first letter of each word."""
    return " ".join(f"{word[0]}\N{HORIZONTAL ELLIPSIS}" for word in name.split())


def _switched_off(tx: UnitOfWork, mandate: Mandate, at: datetime) -> bool:
    if mandate.represented is None:
        return False
    try:
        check_not_switched_off(tx, mandate.represented, mandate.representative, at, told=mandate.represented)
    except MandateUnableError:
        return True
    return False
