"""From which number on something is a signal: for the pages for staff and for the worker alike."""

from vad.domain.signal import Thresholds
from vad.settings import Settings


def thresholds(settings: Settings) -> Thresholds:
    """As the operator set them."""
    admin = settings.admin
    return Thresholds(
        people=admin.signal_people,
        wrong_codes=admin.signal_wrong_codes,
        refusals_factor=admin.signal_refusals_factor,
        refusals_least=admin.signal_refusals_least,
        night_uses=admin.signal_night_uses,
        app_changes=admin.signal_app_changes,
        days=admin.signal_days,
    )
