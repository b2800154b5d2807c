"""What takes two people of the staff: the register of kinds, and the use cases that ask for them."""

from dataclasses import dataclass

from vad.adapters.vault.person_references import AesPersonReferences
from vad.adapters.vault.randomness import SystemRandomness
from vad.bootstrap.foundation import Foundation
from vad.bootstrap.security_events import mandate_end
from vad.services.approvals import Approvals, Change
from vad.services.found_persons import FoundPersons
from vad.services.ports.outside import PersonRegister
from vad.services.staff_blocks import LiftingBlock, PlacingBlock, StaffBlocks


@dataclass(frozen=True, slots=True)
class Deciding:
    """The use cases of staff that take a second person."""

    approvals: Approvals
    blocks: StaffBlocks
    persons: FoundPersons


def deciding(foundation: Foundation, register: PersonRegister) -> Deciding:
    """All of them, on the units of work of this foundation. A new kind of change is one more line in `kinds`."""
    work, random, end = foundation.work, SystemRandomness(), mandate_end(foundation)
    kinds: tuple[Change, ...] = (PlacingBlock(end), LiftingBlock())
    approvals = Approvals(work, {each.kind: each for each in kinds}, random)
    return Deciding(
        approvals=approvals,
        blocks=StaffBlocks(work, approvals, random),
        persons=FoundPersons(work, register, AesPersonReferences(foundation.keyring)),
    )
