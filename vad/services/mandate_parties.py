"""Whether somebody can be on a side of a mandate, asked of the register at that moment (rule 20)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.block import BlockKind, PlacedBy
from vad.domain.identifiers import PersonId
from vad.domain.mandate_parties import MandateRules, MandateUnableError, Unable, unable
from vad.domain.person import Evidence
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.representation import Representation


@dataclass(frozen=True, slots=True)
class MandateParties:
    """Raises `MandateUnableError` for somebody who can't. Not for use inside a unit of work: a register is asked."""

    work: UnitOfWorkFactory
    representation: Representation
    rules: MandateRules

    def check_grantor(self, person_id: PersonId, at: datetime) -> None:
        """Whose data it is."""
        self._check(person_id, self.rules.grantor_age, at)

    def check_representative(self, person_id: PersonId, at: datetime) -> None:
        """Who acts for them."""
        self._check(person_id, self.rules.representative_age, at)

    def evidence_of(self, person_id: PersonId, at: datetime) -> Evidence | None:
        """What the register says of somebody now; None where it says nothing, or there is nobody."""
        with self.work() as tx:
            person = tx.persons.get(person_id)
        return None if person is None else self.representation.evidence_of(person, at)

    def _check(self, person_id: PersonId, age: int, at: datetime) -> None:
        why = unable(self.evidence_of(person_id, at), age, at)
        if why is not None:
            raise MandateUnableError(why)


def check_not_switched_off(
    tx: UnitOfWork, represented: PersonId, representative: PersonId | None, at: datetime, *, told: PersonId | None
) -> None:
    """Raise `MandateUnableError` where a block stands in the way of both, or of anybody (rules 18 and 45).

    What somebody switched off themself they may hear; of anything else `told` hears that it can't be.
    """
    for block in tx.blocks.of(represented):
        everybody = block.kind is BlockKind.REPRESENTATION
        this_one = block.kind is BlockKind.REPRESENTATIVE and block.target == str(representative)
        if block.live(at) and (everybody or this_one):
            own = block.placed_by is PlacedBy.SUBJECT and told == represented
            raise MandateUnableError(Unable.SWITCHED_OFF if own else Unable.NEUTRAL)
