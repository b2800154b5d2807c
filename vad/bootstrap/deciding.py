"""What staff do to people's mandates and blocks, and what takes two of them: the register of kinds."""

from datetime import timedelta

from vad.adapters.configuration.registration_form import RegistrationForm
from vad.adapters.http.client_documents import GuardedSectors
from vad.adapters.jose.fitting_keys import FittingKeys
from vad.adapters.jose.handles import SivHandles
from vad.adapters.jose.published_keys import PublishedKeys
from vad.adapters.vault.person_references import AesPersonReferences
from vad.adapters.vault.randomness import SystemRandomness
from vad.bootstrap import registers
from vad.bootstrap.foundation import Foundation
from vad.bootstrap.security_events import mandate_end, security_events
from vad.domain.mandate_parties import MandateRules
from vad.domain.profile import Profile
from vad.services.agreed_commands import COMMANDS, PURGE, CommandChange
from vad.services.approvals import Approvals, Change
from vad.services.client_administration import ClientAdministration
from vad.services.client_changes import changes
from vad.services.client_member_changes import ClientEditing
from vad.services.client_outside import ClientOutside
from vad.services.client_stop import ClientStop
from vad.services.deciding import Deciding
from vad.services.found_persons import FoundPersons
from vad.services.log_months import PurgingMonth
from vad.services.mandate_legal import EndingLegalMandate, MakingLegalMandate, MandatesByLaw
from vad.services.mandate_legal_renewal import LegalRenewals, RenewingLegalMandate
from vad.services.mandate_parties import MandateParties
from vad.services.mandate_stop_code import StopByCode
from vad.services.representation import Representation
from vad.services.staff_blocks import LiftingBlock, PlacingBlock, StaffBlocks
from vad.services.unmasking import UnmaskingMany


def deciding(foundation: Foundation, representation: Representation) -> Deciding:
    """All of them, on the units of work of this foundation. A new kind of change is one more line in `kinds`."""
    work, registrations, random = foundation.work, foundation.registrations, SystemRandomness()
    form, published = RegistrationForm(), PublishedKeys(registers.apps(foundation, "keys of"))
    outside = ClientOutside(GuardedSectors(registers.apps(foundation, "sector of")), FittingKeys(published))
    ages, end = foundation.settings.mandate, mandate_end(foundation)
    parties = MandateParties(work, representation, MandateRules(ages.minimum_age, ages.representative_minimum_age))
    kinds: tuple[Change, ...] = (
        PlacingBlock(end),
        LiftingBlock(),
        MakingLegalMandate(parties, registrations, random),
        RenewingLegalMandate(parties),
        EndingLegalMandate(end),
        UnmaskingMany(),
        *(CommandChange(kind) for kind in COMMANDS if kind != PURGE),
        PurgingMonth(PURGE),
        *changes(form, work, outside),
    )
    within = timedelta(days=foundation.settings.admin.approval_days)
    profiles = tuple(map(Profile, foundation.settings.service.allowed_profiles))
    approvals = Approvals(work, {each.kind: each for each in kinds}, random, within)
    return Deciding(
        approvals=approvals,
        blocks=StaffBlocks(work, approvals, random),
        mandates_by_law=MandatesByLaw(work, approvals, random),
        legal_renewals=LegalRenewals(work, approvals),
        stop_code=StopByCode(work, SivHandles(foundation.keys), random, end),
        persons=FoundPersons(work, representation.register, AesPersonReferences(foundation.keyring)),
        clients=ClientAdministration(
            work,
            approvals,
            form,
            ClientStop(security_events(foundation)),
            published.get,
            profiles,
        ),
        client_editing=ClientEditing(work, approvals, form, profiles),
        registrations=registrations,
    )
