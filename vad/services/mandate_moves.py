"""What every move of a mandate between two people begins and ends with."""

from datetime import datetime

from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate, MandateState
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.services.mandate_parties import check_not_switched_off
from vad.services.ports.records import UnitOfWork


def held(tx: UnitOfWork, mandate_id: MandateId) -> Mandate | None:
    """The mandate as it is now, with everybody held off who would change what its two people have between them."""
    mandate = tx.mandates.get(mandate_id)
    if mandate is None or mandate.represented is None or mandate.representative is None:
        return mandate
    tx.mandates.hold(mandate.represented, mandate.representative)
    return tx.mandates.get(mandate_id)


def kept(tx: UnitOfWork, mandate: Mandate) -> Mandate:
    """Write this version. Raises `MandateUnableError` where somebody else wrote one first."""
    if not tx.mandates.keep(mandate):
        raise MandateUnableError(Unable.MOVED_ON)
    return mandate


def check_possible(tx: UnitOfWork, mandate: Mandate, at: datetime, *, told: PersonId | None = None) -> None:
    """Raise `MandateUnableError` where a block, or a live mandate for some of it, is in the way (rules 18, 26, 45)."""
    represented, representative = mandate.represented, mandate.representative
    if represented is None or representative is None:
        raise MandateUnableError(Unable.MOVED_ON)
    check_not_switched_off(tx, represented, representative, at, told=told)
    for known in tx.mandates.active(represented, representative):
        if known.standing(at) is MandateState.ACTIVE and known.same_as(mandate):
            raise MandateUnableError(Unable.SAME)
