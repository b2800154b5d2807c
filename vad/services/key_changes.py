"""Moving VAD's own keys: what two of the staff agree to, and an operator carries out with a command (rule 44, A8).

No process that answers HTTP may change a key, so an approval moves nothing by itself: it lets one command do one step,
within a day (`vad.adapters.postgres.key_approvals`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from vad.domain.approval import About, OutdatedError, StaffRequest
from vad.domain.identifiers import RequestId
from vad.domain.justification import Justification
from vad.domain.staff import StaffAction, StaffMember
from vad.services.approvals import Approvals, Payload
from vad.services.key_overview import KeyOverview
from vad.services.ports.records import UnitOfWork

ROTATE: Final = "key.rotate"
RETIRE: Final = "key.retire"
SUBJECTS: Final[Mapping[str, str]] = {ROTATE: "purpose", RETIRE: "key"}
"""What the payload of each names."""
KEY_MOVED_ALONE: Final = "key_moved_alone"
"""Of the alarm where somebody did not wait for the second person."""
LASTS: Final = timedelta(days=1)
"""How long after the approval the command may be run."""


@dataclass(frozen=True, slots=True)
class Alone:
    """Instead of a request: an operator did not wait for anybody, and says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class KeyChange:
    """`vad.services.approvals.Change`: the approval itself is all there is to it."""

    kind: str
    action: StaffAction = StaffAction.KEYS_CHANGE

    def about(self, payload: Payload) -> About:
        """Nobody; it names the purpose or the key."""
        name = SUBJECTS[self.kind]
        return About(evidence={name: str(payload[name])})

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Nothing to ask."""

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """Whether the step can be made, the command finds out: it alone knows what still needs a key."""

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Nothing: the command does it."""


@dataclass(frozen=True, slots=True)
class KeyChanges:
    """The use case. Raises what `Approvals` raises."""

    approvals: Approvals
    overview: KeyOverview

    def ask(self, member: StaffMember, kind: str, subject: str, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree. Raises `OutdatedError` for a key or a purpose that is not there."""
        known = [line.entry for line in self.overview.keys(member, at)]
        purposes, past = {each.purpose for each in known}, {each.key_id for each in known if each.state == "retired"}
        there = purposes if kind == ROTATE else past
        if kind not in SUBJECTS or subject not in there:
            raise OutdatedError("no_such_key")
        return self.approvals.request(member, kind, {SUBJECTS[kind]: subject}, why, at)


def command(request: StaffRequest) -> str:
    """What is to be typed once it was approved; empty for what is not about keys."""
    if request.kind not in SUBJECTS:
        return ""
    verb = "rotate" if request.kind == ROTATE else "retire"
    return f"vad keys {verb} {request.payload[SUBJECTS[request.kind]]} --request {request.request_id}"
