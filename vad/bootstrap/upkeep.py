"""What `vad worker` runs."""

from vad.adapters import alerts
from vad.bootstrap.foundation import lay_foundation
from vad.services.tokens import SECURITY_ALERT
from vad.services.upkeep import Upkeep
from vad.settings import Settings


def create_upkeep(settings: Settings) -> Upkeep:
    """What `vad worker` runs."""
    return Upkeep(lay_foundation(settings).work, {SECURITY_ALERT: alerts.raise_security_alert})
