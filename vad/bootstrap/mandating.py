"""Mandates: what their use cases are made of."""

from vad.adapters.vault.randomness import SystemRandomness
from vad.bootstrap.foundation import Foundation
from vad.bootstrap.letters import letter_rules
from vad.bootstrap.security_events import mandate_end
from vad.domain.mandate_parties import MandateRules
from vad.services.mandate_answers import MandateAnswers
from vad.services.mandate_changes import MandateChanges
from vad.services.mandate_codes import MandateCodes
from vad.services.mandate_drafts import Drafting
from vad.services.mandate_letters import MandatesByLetter
from vad.services.mandate_overview import MandateOverview
from vad.services.mandate_parties import MandateParties
from vad.services.mandate_proofs import MandateProofs
from vad.services.mandate_stop_code import StopByCode
from vad.services.mandates import Mandates
from vad.services.mandating import Mandating
from vad.services.names import Names
from vad.services.representation import Representation


def mandating(foundation: Foundation, representation: Representation, names: Names, drafting: Drafting) -> Mandating:
    """All of them. By letter alone where a post service is named."""
    handles = drafting.handles
    work, registrations, random = foundation.work, foundation.registrations, SystemRandomness()
    ages, end = foundation.settings.mandate, mandate_end(foundation)
    parties = MandateParties(work, representation, MandateRules(ages.minimum_age, ages.representative_minimum_age))
    overview = MandateOverview(work, registrations, names)
    making = Mandates(work, registrations, parties, handles, random)
    by_letter = MandatesByLetter(work, making, letter_rules(foundation.settings))
    return Mandating(
        drafting=drafting,
        making=making,
        codes=MandateCodes(work, parties, handles, random),
        answers=MandateAnswers(work, parties, end),
        changes=MandateChanges(work, parties, end),
        overview=overview,
        proofs=MandateProofs(work, overview, representation, names, handles),
        by_letter=by_letter if foundation.settings.post.url else None,
        stop_code=StopByCode(work, handles, random, end),
    )
