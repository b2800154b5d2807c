"""All use cases of mandates, as pages and the API reach them."""

from dataclasses import dataclass

from vad.services.mandate_answers import MandateAnswers
from vad.services.mandate_changes import MandateChanges
from vad.services.mandate_codes import MandateCodes
from vad.services.mandate_drafts import Drafting
from vad.services.mandate_letters import MandatesByLetter
from vad.services.mandate_overview import MandateOverview
from vad.services.mandate_proofs import MandateProofs
from vad.services.mandate_stop_code import StopByCode
from vad.services.mandates import Mandates


@dataclass(frozen=True, slots=True)
class Mandating:
    """The life of a mandate, in its order."""

    drafting: Drafting
    making: Mandates
    codes: MandateCodes
    answers: MandateAnswers
    changes: MandateChanges
    overview: MandateOverview
    proofs: MandateProofs
    by_letter: MandatesByLetter | None
    """None where no letters can be sent."""
    stop_code: StopByCode
