"""Apps that register themselves, where the settings let them."""

from vad.adapters.configuration.registration_form import RegistrationForm
from vad.adapters.http.client_documents import GuardedSectors
from vad.adapters.jose.fitting_keys import FittingKeys
from vad.adapters.jose.published_keys import PublishedKeys
from vad.adapters.vault.randomness import SystemRandomness
from vad.bootstrap import registers
from vad.bootstrap.foundation import Foundation
from vad.bootstrap.security_events import security_events
from vad.domain.profiles_allowed import Profiles
from vad.services.client_outside import ClientOutside
from vad.services.client_registration import ClientRegistration
from vad.services.client_stop import ClientStop


def client_registration(
    foundation: Foundation, published: PublishedKeys, profiles: Profiles
) -> ClientRegistration | None:
    """None where `registration.enabled` is not set: then there is no such endpoint."""
    if not foundation.settings.registration.enabled:
        return None
    return ClientRegistration(
        work=foundation.work,
        registrations=foundation.registrations,
        reader=RegistrationForm(),
        profiles=profiles,
        outside=ClientOutside(GuardedSectors(registers.apps(foundation, "sector of")), FittingKeys(published)),
        random=SystemRandomness(),
        stop=ClientStop(security_events(foundation)),
        noticed=foundation.registrations.check,
        any_port=foundation.settings.outgoing.loopback,
    )
