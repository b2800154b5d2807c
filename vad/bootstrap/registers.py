"""The registers, as every program of VAD asks them."""

from vad.adapters.brp.persons import BrpPersons
from vad.adapters.http.caller import HttpCaller, Limits
from vad.bootstrap.foundation import Foundation
from vad.settings import Settings


def caller(foundation: Foundation, register: str) -> HttpCaller:
    """Calls one register, within the times that the settings give it."""
    settings = foundation.settings
    limits = Limits(connect=settings.outgoing.connect_timeout, total=settings.outgoing.total_timeout)
    return HttpCaller(register, limits=limits, observer=foundation.metrics, calls=foundation.traces)


def persons(settings: Settings, brp: HttpCaller) -> BrpPersons:
    """The BRP."""
    return BrpPersons(settings.brp.base_url, settings.brp.api_key.get_secret_value(), brp)
