"""What a person switches off for their own data, and on again (rule 45)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.audit import AuditEvent, BlockLifted, BlockPlaced, ConsentWithdrawn
from vad.domain.block import Block, BlockKind, PlacedBy
from vad.domain.consent import Consent
from vad.domain.identifiers import BlockId, ClientId, ResourceId
from vad.domain.session import Session
from vad.services.mandate_end import MandateEnd
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import Randomness


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """One thing that this person switched off."""

    block_id: BlockId
    kind: BlockKind
    name: str
    """Of the app or the data source; empty where it is all representation."""


@dataclass(frozen=True, slots=True)
class Target:
    """An app or a data source that can be switched off."""

    identifier: str
    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class OwnBlocks:
    """The use case."""

    work: UnitOfWorkFactory
    registrations: Registrations
    random: Randomness
    mandates: MandateEnd

    def of(self, session: Session) -> tuple[SwitchedOff, ...]:
        """What this person switched off and has not switched on again. What staff decided stands elsewhere."""
        with self.work() as tx:
            blocks = tx.blocks.of(session.person_id)
        return tuple(
            SwitchedOff(block.block_id, block.kind, self._name(block))
            for block in blocks
            if block.placed_by is PlacedBy.SUBJECT
        )

    def targets(self, kind: BlockKind) -> tuple[Target, ...]:
        """What can be switched off of this kind, by name."""
        match kind:
            case BlockKind.CLIENT:
                found = [Target(c.client_id, c.name, c.organisation) for c in self.registrations.clients() if c.active]
            case BlockKind.SOURCE:
                found = [
                    Target(s.identifier, s.name, s.organisation)
                    for s in self.registrations.resource_servers()
                    if s.active
                ]
            case BlockKind.REPRESENTATION | BlockKind.REPRESENTATIVE:
                found = []
        return tuple(sorted(found, key=lambda target: (target.name.casefold(), target.identifier)))

    def place(self, session: Session, kind: BlockKind, target: str, at: datetime) -> bool:
        """Switch it off, and end the consents that it makes worthless, all at once. False where there is no such thing.

        Switching off what is off already changes nothing, and is no error.
        """
        known = kind is BlockKind.REPRESENTATION and not target
        if not known and target not in {each.identifier for each in self.targets(kind)}:
            return False
        block = Block(BlockId(self.random.uuid()), session.person_id, kind, target, PlacedBy.SUBJECT, at)
        with self.work() as tx:
            if tx.blocks.add(block):
                # First the block: nobody can agree to it again from here on.
                ended = tx.consents.withdraw_covered(block, at) if target else ()
                tx.audit.append(_event(BlockPlaced, block, session), *(_ended(each, session) for each in ended), at=at)
                if kind is BlockKind.REPRESENTATION:
                    self.mandates.end_all_of(tx, session.person_id, "blocked", at)
            tx.commit()
        return True

    def lift(self, session: Session, block_id: BlockId, at: datetime) -> BlockKind | None:
        """Switch it on again; consents that ended stay ended. What it was; None where there is no such thing."""
        with self.work() as tx:
            block = tx.blocks.lift(block_id, session.person_id, at)
            if block is not None:
                tx.audit.append(_event(BlockLifted, block, session), at=at)
            tx.commit()
        return None if block is None else block.kind

    def _name(self, block: Block) -> str:
        match block.kind:
            case BlockKind.CLIENT:
                client = self.registrations.client(block.target)
                return client.name if client else block.target
            case BlockKind.SOURCE:
                source = self.registrations.resource_server(block.target)
                return source.name if source else block.target
            case BlockKind.REPRESENTATION | BlockKind.REPRESENTATIVE:
                return ""


def _event(kind: type[AuditEvent], block: Block, session: Session) -> AuditEvent:
    return kind(
        actor=session.person_id,
        represented=block.subject,
        client_id=ClientId(block.target) if block.kind is BlockKind.CLIENT else None,
        resource=ResourceId(block.target) if block.kind is BlockKind.SOURCE else None,
        sid=session.sid,
        evidence={"block": str(block.block_id), "kind": block.kind.value},
    )


def _ended(consent: Consent, session: Session) -> AuditEvent:
    return ConsentWithdrawn(
        actor=session.person_id,
        represented=consent.subject,
        client_id=consent.client_id,
        resource=consent.resource,
        sid=session.sid,
        reason="blocked",
        evidence={"consent": str(consent.consent_id)},
    )
