"""Blocks that staff place in somebody's interest, and lift: each takes two of them (rule 18).

A block is stronger than authority, mandate and consent, and counts from the moment it is approved: whatever asks about
a token reads it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from vad.domain.approval import About, OutdatedError, StaffRequest
from vad.domain.audit import AuditEvent, BlockLifted, BlockPlaced
from vad.domain.block import Block, BlockKind, BlockReason, PlacedBy
from vad.domain.identifiers import BlockId, PersonId, RequestId
from vad.domain.justification import Justification
from vad.domain.mandate import MandateState, ends_after
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.approvals import Approvals, Payload
from vad.services.given_consents import ended_with
from vad.services.mandate_end import MandateEnd
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Randomness

PLACE: Final = "block.place"
LIFT: Final = "block.lift"
LONGEST_YEARS = 5
PAGE = 50
"""Blocks on a page."""


@dataclass(frozen=True, slots=True)
class WantedBlock:
    """What somebody of the staff filled in."""

    subject: PersonId
    """Whose data it is about."""
    against: PersonId | None
    """Who may not act for them; None: nobody may."""
    reason: BlockReason
    last_day: date


@dataclass(frozen=True, slots=True)
class StaffBlocks:
    """The use case. Raises what `Approvals` raises, and `TermError` for a last day that can't be."""

    work: UnitOfWorkFactory
    approvals: Approvals
    random: Randomness

    def standing(
        self, member: StaffMember, at: datetime, after: tuple[datetime, UUID] | None = None
    ) -> tuple[tuple[Block, ...], tuple[datetime, UUID] | None]:
        """A page of what staff placed and holds now, without what is about this person themself; and where it goes on.

        The newest come first; those that were placed before `after`.
        """
        check(member, StaffAction.BLOCKS_VIEW)
        with self.work() as tx:
            placed = tx.blocks.of_staff(at, PAGE, after)
        further = (placed[-1].placed_at, placed[-1].block_id) if len(placed) == PAGE else None
        return tuple(block for block in placed if member.person not in _people(block)), further

    def ask_to_place(self, member: StaffMember, wanted: WantedBlock, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree that this is switched off."""
        payload = {
            "block": str(self.random.uuid()),
            "subject": str(wanted.subject),
            "against": "" if wanted.against is None else str(wanted.against),
            "reason": wanted.reason.value,
            "until": ends_after(wanted.last_day, at, LONGEST_YEARS).isoformat(),
        }
        return self.approvals.request(member, PLACE, payload, why, at)

    def ask_to_lift(self, member: StaffMember, block_id: BlockId, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree that it is switched on again. Raises `OutdatedError` where there is no such block."""
        check(member, StaffAction.BLOCKS_CHANGE)
        with self.work() as tx:
            known = tx.blocks.one_of_staff(block_id)
        if known is None or not known.live(at):
            raise OutdatedError("block_gone")
        payload = {"block": str(block_id), "subject": str(known.subject), "against": known.target}
        return self.approvals.request(member, LIFT, payload, why, at)


@dataclass(frozen=True, slots=True)
class PlacingBlock:
    """`vad.services.approvals.Change`: switch it off, and let go of what rested on it."""

    mandates: MandateEnd
    kind: str = PLACE
    action: StaffAction = StaffAction.BLOCKS_CHANGE

    def about(self, payload: Payload) -> About:
        """Whose data it is, and who may not act for them."""
        return _about(payload)

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Nothing to ask."""

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """See that it is not there yet, and that it still makes sense."""
        wanted = _block(payload, at)
        if wanted.until is None or wanted.until <= at:
            raise OutdatedError("block_too_late")
        if wanted.target == str(wanted.subject):
            raise OutdatedError("block_oneself")
        if any(tx.persons.get(each) is None for each in _people(wanted)):
            raise OutdatedError("nobody")
        if any(known.live(at) for known in _same(tx, wanted)):
            raise OutdatedError("block_there")

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Place it, and end mandates and consents to act."""
        block = _block(request.payload, at)
        for ended in _same(tx, block):  # one that the clock ended is in the way of the next
            tx.blocks.lift_of_staff(ended.block_id, at)
        if not tx.blocks.add(block):
            raise OutdatedError("block_there")
        tx.audit.append(_event(BlockPlaced, block, request, by), at=at)
        self._let_go(tx, block, at)

    def _let_go(self, tx: UnitOfWork, block: Block, at: datetime) -> None:
        """End mandates and consents to act. First the block: nobody can agree to any of it again from here on."""
        if block.kind is BlockKind.REPRESENTATION:
            self.mandates.end_all_of(tx, block.subject, "blocked", at)
            actors = tx.consents.acting_about(block.subject, at)
        else:
            actors = (PersonId(UUID(block.target)),)
            for mandate in tx.mandates.active(block.subject, actors[0]):
                if mandate.standing(at) is MandateState.ACTIVE:
                    self.mandates.of(tx, mandate, MandateState.ENDED, at, reason="blocked")
        for actor in actors:
            # While the consents stand by which it is known where tokens are out.
            self.mandates.release.security_events.mandate_revoked(tx, block.subject, actor, at)
            ended = tx.consents.withdraw_acting(actor, block.subject, at)
            told = (ended_with(each, "blocked", {"block": str(block.block_id)}) for each in ended)
            tx.audit.append(*told, at=at)


@dataclass(frozen=True, slots=True)
class LiftingBlock:
    """`vad.services.approvals.Change`: switch it on again. What ended with the block stays ended."""

    kind: str = LIFT
    action: StaffAction = StaffAction.BLOCKS_CHANGE

    def about(self, payload: Payload) -> About:
        """Whose data it is, and who may not act for them."""
        return _about(payload)

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Nothing to ask."""

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """See that it still stands."""
        wanted = BlockId(UUID(str(payload["block"])))
        known = tx.blocks.of(PersonId(UUID(str(payload["subject"]))))
        if not any(block.block_id == wanted and block.live(at) for block in known):
            raise OutdatedError("block_gone")

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Lift it."""
        block = tx.blocks.lift_of_staff(BlockId(UUID(str(request.payload["block"]))), at)
        if block is None:
            raise OutdatedError("block_gone")
        tx.audit.append(_event(BlockLifted, block, request, by), at=at)


def _block(payload: Payload, at: datetime) -> Block:
    against = str(payload["against"])
    return Block(
        block_id=BlockId(UUID(str(payload["block"]))),
        subject=PersonId(UUID(str(payload["subject"]))),
        kind=BlockKind.REPRESENTATIVE if against else BlockKind.REPRESENTATION,
        target=against,
        placed_by=PlacedBy.STAFF,
        placed_at=at,
        until=datetime.fromisoformat(str(payload["until"])),
        reason=BlockReason(str(payload["reason"])),
    )


def _same(tx: UnitOfWork, wanted: Block) -> Iterator[Block]:
    """What staff placed for the same, and nobody lifted."""
    same = (wanted.kind, wanted.target, PlacedBy.STAFF)
    return (each for each in tx.blocks.of(wanted.subject) if (each.kind, each.target, each.placed_by) == same)


def _people(block: Block) -> frozenset[PersonId]:
    return frozenset({block.subject, *([block.against] if block.against else [])})


def _about(payload: Payload) -> About:
    subject, against = PersonId(UUID(str(payload["subject"]))), str(payload["against"])
    others = {PersonId(UUID(against))} if against else set()
    return About(frozenset({subject} | others), represented=subject, evidence={"block": str(payload["block"])})


def _event(kind: type[AuditEvent], block: Block, request: StaffRequest, by: StaffMember) -> AuditEvent:
    against = {"against": block.target} if block.target else {}
    evidence = {"block": str(block.block_id), "kind": block.kind.value, "request": str(request.request_id), **against}
    reason = block.reason.value if block.reason else None
    return kind(staff=by.account, represented=block.subject, reason=reason, evidence=evidence)
