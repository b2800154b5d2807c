"""What an operator does with a command and two of the staff agree to first (rule 44).

No process that answers HTTP may change a key, or take anything away from the log. So an approval does nothing by
itself: it lets one command do one step, within a day (`vad.adapters.postgres.command_approvals`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from vad.domain.approval import About, StaffRequest
from vad.domain.identifiers import PersonId
from vad.domain.staff import StaffAction, StaffMember
from vad.services.approvals import Payload
from vad.services.ports.records import UnitOfWork

ROTATE: Final = "key.rotate"
RETIRE: Final = "key.retire"
ERASE: Final = "log.erase"
PURGE: Final = "log.purge"
LASTS: Final = timedelta(days=1)
"""How long after the approval the command may be run."""


@dataclass(frozen=True, slots=True)
class Command:
    """One of them."""

    subject: str
    """What the payload calls what it is about."""
    typed: str
    """What an operator types; `{}` is for what it is about."""
    action: StaffAction
    """The right to ask for it, and to agree."""


COMMANDS: Final[Mapping[str, Command]] = {
    ROTATE: Command("purpose", "vad keys rotate {}", StaffAction.KEYS_CHANGE),
    RETIRE: Command("key", "vad keys retire {}", StaffAction.KEYS_CHANGE),
    ERASE: Command("event", "vad audit erase {}", StaffAction.LOG_ERASE),
    PURGE: Command("month", "vad audit purge {} FILE", StaffAction.LOG_ERASE),
}


@dataclass(frozen=True, slots=True)
class Alone:
    """Instead of a request: an operator did not wait for anybody, and says why."""

    reason: str
    case_number: str = ""

    @property
    def erasable(self) -> dict[str, str]:
        """As `AuditEvent.erasable` takes it."""
        return {"reason": self.reason} | ({"case_number": self.case_number} if self.case_number else {})


@dataclass(frozen=True, slots=True)
class CommandChange:
    """`vad.services.approvals.Change`: the approval itself is all there is to it."""

    kind: str

    @property
    def action(self) -> StaffAction:
        """The right to ask for it, and to decide it."""
        return COMMANDS[self.kind].action

    def about(self, payload: Payload) -> About:
        """Whom it is about, where it is about people; it names the key, the event or the month."""
        subject, persons = COMMANDS[self.kind].subject, payload.get("persons")
        concerning = persons if isinstance(persons, list) else []
        return About(
            concerning=frozenset(PersonId(UUID(str(each))) for each in concerning),
            evidence={subject: str(payload[subject])},
        )

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Nothing to ask."""

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """Whether the step can be made, the command finds out: it alone knows what is in the way."""

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Nothing: the command does it."""


def command(request: StaffRequest) -> str:
    """What is to be typed once it was approved; empty for what no command does."""
    known = COMMANDS.get(request.kind)
    if known is None:
        return ""
    return f"{known.typed.format(request.payload[known.subject])} --request {request.request_id}"
