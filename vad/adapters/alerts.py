"""Telling operators at once that something looks like theft (RFC 9700 sections 4.5 and 4.14)."""

from datetime import datetime

import structlog

from vad.services.ports.outbox import OutboxMessage


def raise_security_alert(message: OutboxMessage, _at: datetime) -> None:
    """Deliver an outbox message of kind `security-alert`: a warning in the log, for the operators' alarm to hear."""
    structlog.get_logger(__name__).warning("security_alert", message_id=str(message.message_id), **message.payload)
