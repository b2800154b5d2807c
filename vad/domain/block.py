"""What a person, or staff in their interest, has switched off: blocks and opt-outs (rules 3, 18 and 45)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from vad.domain.identifiers import BlockId, ClientId, PersonId, ResourceId


class BlockKind(StrEnum):
    """What is switched off."""

    REPRESENTATION = "representation"
    """Nobody may act for this person."""
    REPRESENTATIVE = "representative"
    """One person may not act for this person."""
    CLIENT = "client"
    """One app gets nothing of this person, whoever asks."""
    SOURCE = "source"
    """Nothing of this person leaves one data source, whoever asks."""


class PlacedBy(StrEnum):
    """Who switched it off, and may switch it on again."""

    SUBJECT = "subject"
    """The person whose data it is: an opt-out (rule 45)."""
    STAFF = "staff"
    """Staff, or a care provider through them (rule 18)."""


class BlockReason(StrEnum):
    """Why staff switched it off: a code, for the words stay in the request that led to it."""

    SAFETY = "safety"
    """Somebody is not safe with it."""
    CARE_PROVIDER = "care_provider"
    """A care provider will not answer for it."""
    DECISION = "decision"
    """A court, or whoever protects children, decided something that the register does not show."""


@dataclass(frozen=True, slots=True)
class Block:
    """One thing that is switched off for one person's data. It is stronger than any consent, mandate or authority."""

    block_id: BlockId
    subject: PersonId
    """Whose data it is about."""
    kind: BlockKind
    target: str
    """Against whom: a person, a `client_id` or a data source; empty where the kind says all of it."""
    placed_by: PlacedBy
    placed_at: datetime
    until: datetime | None = None
    """When it ends by itself; None: when somebody lifts it."""
    lifted_at: datetime | None = None
    reason: BlockReason | None = None
    """Of what staff placed."""

    @property
    def against(self) -> PersonId | None:
        """The one person who may not act; None where it is of another kind."""
        return PersonId(UUID(self.target)) if self.kind is BlockKind.REPRESENTATIVE else None

    def live(self, at: datetime) -> bool:
        """Whether it holds at `at`. What was placed counts from then on, whatever another machine's clock says."""
        return self.lifted_at is None and (self.until is None or at < self.until)

    def covers(self, actor: PersonId, subject: PersonId, client_id: ClientId, resource: ResourceId | None) -> bool:
        """Whether it stands in the way of this actor with this subject's data. `resource` None: no data source."""
        if subject != self.subject:
            return False
        match self.kind:
            case BlockKind.REPRESENTATION:
                return actor != subject
            case BlockKind.REPRESENTATIVE:
                return actor != subject and str(actor) == self.target
            case BlockKind.CLIENT:
                return client_id == self.target
            case BlockKind.SOURCE:
                return resource == self.target
