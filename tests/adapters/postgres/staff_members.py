"""Members of the staff, and a change that takes two of them, for the tests of four eyes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from vad.domain.approval import About, OutdatedError, StaffRequest
from vad.domain.block import Block, BlockKind, PlacedBy
from vad.domain.identifiers import BlockId, PersonId, StaffId
from vad.domain.justification import Justification
from vad.domain.staff import StaffAction, StaffMember, StaffRole
from vad.services.approvals import Payload
from vad.services.ports.records import UnitOfWork

WHY = Justification("The care provider asked for it by letter", "2026/17")
KIND = "block.test"


@dataclass
class SwitchesOff:
    """A change of the tests: switches off that anybody acts for somebody, and may be told what is in the way."""

    kind: str = KIND
    action: StaffAction = StaffAction.BLOCKS_CHANGE
    outdated: str | None = None
    broken: bool = False
    prepared: list[datetime] = field(default_factory=list)

    def about(self, payload: Payload) -> About:
        """Whose data it is."""
        subject = PersonId(UUID(str(payload["subject"])))
        return About(frozenset({subject}), represented=subject)

    def prepare(self, _payload: Payload, at: datetime) -> None:
        """Take down when it was asked."""
        self.prepared.append(at)

    def check(self, _tx: UnitOfWork, _payload: Payload, _at: datetime) -> None:
        """Say what is in the way."""
        if self.outdated:
            raise OutdatedError(self.outdated)

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, _by: StaffMember, at: datetime) -> None:
        """Place the block; a broken one fails after that."""
        subject = PersonId(UUID(str(request.payload["subject"])))
        until = at + timedelta(days=30)
        block = Block(
            BlockId(request.request_id), subject, BlockKind.REPRESENTATION, "", PlacedBy.STAFF, at, until=until
        )
        assert tx.blocks.add(block)
        if self.broken:
            raise RuntimeError("it breaks halfway")


def a_member(person: PersonId, role: StaffRole = StaffRole.HELPDESK) -> StaffMember:
    """Somebody with an account of their own, which is another one at every call."""
    return StaffMember(StaffId(uuid4()), person, frozenset({role}))
