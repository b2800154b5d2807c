"""What staff do to people's mandates and blocks, and to apps: their use cases, all in one place."""

from dataclasses import dataclass

from vad.services.approvals import Approvals
from vad.services.client_administration import ClientAdministration
from vad.services.client_member_changes import ClientEditing
from vad.services.found_persons import FoundPersons
from vad.services.mandate_legal import MandatesByLaw
from vad.services.mandate_legal_renewal import LegalRenewals
from vad.services.mandate_stop_code import StopByCode
from vad.services.ports.records import Registrations
from vad.services.staff_blocks import StaffBlocks


@dataclass(frozen=True, slots=True)
class Deciding:
    """The use cases."""

    approvals: Approvals
    blocks: StaffBlocks
    mandates_by_law: MandatesByLaw
    legal_renewals: LegalRenewals
    stop_code: StopByCode
    persons: FoundPersons
    clients: ClientAdministration
    client_editing: ClientEditing
    registrations: Registrations
