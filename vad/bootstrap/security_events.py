"""Telling data sources of what has ended: queued by every program of VAD, delivered by the worker."""

from vad.adapters.http.caller import Limits
from vad.adapters.jose.pairwise import HmacPairwise
from vad.adapters.jose.security_event_tokens import SecurityEventTokens
from vad.adapters.security_events import SecurityEventDelivery
from vad.adapters.vault.randomness import SystemRandomness
from vad.bootstrap.foundation import Foundation
from vad.services.mandate_end import MandateEnd
from vad.services.mandate_release import MandateRelease
from vad.services.security_events import SecurityEvents


def security_events(foundation: Foundation) -> SecurityEvents:
    """What queues them."""
    return SecurityEvents(foundation.registrations, HmacPairwise(foundation.keys.current), SystemRandomness())


def security_event_delivery(foundation: Foundation, limits: Limits) -> SecurityEventDelivery:
    """What delivers them."""
    settings = foundation.settings
    tokens = SecurityEventTokens(foundation.keys, settings.service.issuer)
    return SecurityEventDelivery(foundation.registrations, tokens, limits, foundation.traces, settings.outgoing.ca_file)


def mandate_end(foundation: Foundation) -> MandateEnd:
    """What ends mandates, and tells data sources."""
    return MandateEnd(MandateRelease(security_events(foundation)))
