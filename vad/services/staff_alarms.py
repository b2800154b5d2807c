"""Telling the administrators by mail what must not happen unseen: to an address of their work, which the settings name.

Roles are known at a login alone, and a private address is no place for this. A mail says what happened, and not who
did it or why.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vad.domain.contact import EmailAddress
from vad.domain.notice import Text
from vad.services.ports.mail import Mail, Mailer
from vad.services.ports.outbox import OutboxMessage
from vad.services.ports.records import UnitOfWork

STAFF_MAIL: Final = "staff_mail"
"""The kind of the outbox."""
_LANGUAGE: Final = "nl"


@dataclass(frozen=True, slots=True)
class StaffAlarms:
    """Queues them, in the unit of work of what they tell."""

    address: str | None
    """None: nobody is told by mail."""

    def tell(self, tx: UnitOfWork, text: Text, at: datetime) -> None:
        """Queue one."""
        if self.address is not None:
            tx.outbox.add(STAFF_MAIL, {"to": self.address, "text": text.value}, at)


@dataclass(frozen=True, slots=True)
class StaffMailDelivery:
    """`vad.services.deliveries.Deliverer` for messages of kind `staff_mail`."""

    mailer: Mailer

    def __call__(self, message: OutboxMessage, at: datetime) -> None:
        """Send it. An address that is refused for good is given up, which raises an alarm of its own."""
        to, text = EmailAddress(str(message.payload["to"])), Text(str(message.payload["text"]))
        self.mailer.send(Mail(message.message_id, to, text, _LANGUAGE), at)
