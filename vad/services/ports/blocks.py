"""PostgreSQL: what is switched off for people's data."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

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

    def of_staff(self, at: datetime, limit: int, after: tuple[datetime, UUID] | None = None) -> tuple[Block, ...]:
        """What staff placed and holds at `at`, whoever it is about, the newest first; those placed before `after`."""

    def one_of_staff(self, block_id: BlockId) -> Block | None:
        """The one of this id that staff placed and nobody lifted, ended or not."""

    def lift_of_staff(self, block_id: BlockId, at: datetime) -> Block | None:
        """Lift what staff placed; None where there is no such thing."""
