"""What every move of a mandate between two people begins and ends with."""

from vad.domain.identifiers import MandateId
from vad.domain.mandate import Mandate
from vad.domain.mandate_parties import MandateUnableError, Unable
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
