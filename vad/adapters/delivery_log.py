"""Telling operators what became of deliveries."""

import structlog

from vad.services.deliveries import DeliveryOutcome
from vad.services.ports.outbox import OutboxMessage


def tell(message: OutboxMessage, outcome: DeliveryOutcome) -> None:
    """`vad.services.deliveries.DeliveryObserver`: one line per attempt; a message that was given up is an error."""
    log = structlog.get_logger(__name__)
    report = log.error if outcome is DeliveryOutcome.GIVEN_UP else log.info
    report(
        "outbox_delivery",
        kind=message.kind,
        outcome=outcome.value,
        attempt=message.attempts + 1,
        message_id=str(message.message_id),
        client_id=message.payload.get("client_id"),
        resource=message.payload.get("resource"),
    )
