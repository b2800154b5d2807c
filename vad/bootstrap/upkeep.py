"""What `vad worker` runs."""

import time
from collections.abc import Mapping

from vad.adapters import alerts, delivery_log
from vad.adapters.backchannel_logout import BackchannelLogout
from vad.adapters.http.caller import Limits
from vad.adapters.jose.logout_tokens import LogoutTokens
from vad.adapters.metrics import Metrics
from vad.bootstrap import registers
from vad.bootstrap.foundation import lay_foundation
from vad.services.deliveries import PER_DESTINATION, Deliverer, DeliveryOutcome
from vad.services.logout_notices import BACKCHANNEL_LOGOUT
from vad.services.mandate_upkeep import MandateUpkeep
from vad.services.ports.records import OutboxMessage
from vad.services.tokens import SECURITY_ALERT
from vad.services.upkeep import Upkeep
from vad.settings import Settings

_LONGEST_CALL = 5.0
"""Seconds: PostgreSQL ends a transaction that has said nothing for ten."""


def create_upkeep(settings: Settings) -> tuple[Upkeep, Metrics]:
    """What `vad worker` runs, and what it counts."""
    foundation = lay_foundation(settings, "worker")
    metrics = foundation.metrics

    def observe(message: OutboxMessage, outcome: DeliveryOutcome) -> None:
        delivery_log.tell(message, outcome)
        metrics.delivery(message, outcome)

    total = min(settings.outgoing.total_timeout, _LONGEST_CALL)
    limits = Limits(connect=settings.outgoing.connect_timeout, total=total, size=16 * 1024, connections=PER_DESTINATION)
    logout = BackchannelLogout(
        foundation.registrations,
        LogoutTokens(foundation.keys, settings.service.issuer),
        limits,
        foundation.traces,
    )
    deliverers: Mapping[str, Deliverer] = {SECURITY_ALERT: alerts.raise_security_alert, BACKCHANNEL_LOGOUT: logout}
    mandates = MandateUpkeep(foundation.work, registers.persons(settings, registers.caller(foundation, "brp")))
    chores = (mandates.record_overdue, mandates.recheck)
    upkeep = Upkeep(foundation.work, deliverers, time.monotonic, observe, chores)
    metrics.watch(upkeep.backlog, deliverers)
    return upkeep, metrics
