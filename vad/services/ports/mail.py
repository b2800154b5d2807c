"""Mail: what is sent, and the server that takes it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from vad.domain.contact import EmailAddress
from vad.domain.identifiers import ContactId
from vad.domain.notice import Text


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person."""

    message_id: UUID
    """Of the row of the outbox: a mail that is sent twice has one name."""
    to: EmailAddress
    text: Text
    language: str
    code: str | None = None
    """What the text shows, if it shows a code."""


class Mailer(Protocol):
    """A mail server that takes mail for anybody."""

    def send(self, mail: Mail, at: datetime) -> None:
        """Hand it over.

        Raises `UnavailableError` when trying again later may help, `UndeliverableError` when the server has said that
        this address will never get it.
        """


class CheckCodes(Protocol):
    """The codes that prove an address. Nobody keeps them: they follow from the contact and a key."""

    def code(self, contact_id: ContactId) -> str:
        """Six digits."""

    def right(self, contact_id: ContactId, entered: str) -> bool:
        """Whether this is the code, in a time that does not tell how much of it is right."""
