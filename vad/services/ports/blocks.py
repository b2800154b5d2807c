"""PostgreSQL: what is switched off for people's data."""

from datetime import datetime
from typing import Protocol

from vad.domain.block import Block
from vad.domain.identifiers import BlockId, PersonId


class Blocks(Protocol):
    """What is switched off for people's data."""

    def add(self, block: Block) -> bool:
        """Place it. False where the same was switched off by the same before, and still is."""

    def of(self, subject: PersonId) -> tuple[Block, ...]:
        """Everything about this person that was not lifted, the oldest first."""

    def lift(self, block_id: BlockId, subject: PersonId, at: datetime) -> Block | None:
        """Lift what this person switched off themself; None where there is no such thing."""

    def of_staff(self, limit: int) -> tuple[Block, ...]:
        """What staff placed and nobody lifted, whoever it is about, the newest first; ended ones are among it."""

    def lift_of_staff(self, block_id: BlockId, at: datetime) -> Block | None:
        """Lift what staff placed; None where there is no such thing."""
