"""Asking for the next step with a key of VAD (rule 44, A8)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.approval import OutdatedError
from vad.domain.identifiers import RequestId
from vad.domain.justification import Justification
from vad.domain.staff import StaffMember
from vad.services.agreed_commands import COMMANDS, RETIRE, ROTATE
from vad.services.approvals import Approvals
from vad.services.key_overview import KeyOverview


@dataclass(frozen=True, slots=True)
class KeyChanges:
    """The use case. Raises what `Approvals` raises."""

    approvals: Approvals
    overview: KeyOverview

    def ask(self, member: StaffMember, kind: str, subject: str, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree. Raises `OutdatedError` for a key or a purpose that is not there."""
        known = [line.entry for line in self.overview.keys(member, at)]
        there = {
            ROTATE: {each.purpose for each in known},
            RETIRE: {each.key_id for each in known if each.state == "retired"},
        }
        if subject not in there.get(kind, ()):
            raise OutdatedError("no_such_key")
        return self.approvals.request(member, kind, {COMMANDS[kind].subject: subject}, why, at)
