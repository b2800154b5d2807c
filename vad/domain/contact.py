"""Where a person wants to be told: one e-mail address, proved by a code that was sent to it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NoReturn

from vad.domain.identifiers import ContactId, PersonId

CHECK_LIFE: Final = timedelta(minutes=30)
"""How long the code that was sent to an address can be entered."""
MOST_TRIES: Final = 5
"""How often a code can be entered for one address, right or wrong."""


@dataclass(frozen=True, slots=True, repr=False)
class EmailAddress:
    """An e-mail address. Its `repr` and `str` are masked, so that it can't slip into a log by accident."""

    _text: str

    def reveal(self) -> str:
        """The address. Only for a mail's envelope, a sealed value, or the page of the person themself."""
        return self._text

    def __repr__(self) -> str:
        return "EmailAddress(***)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: that would write the address in clear."""
        raise TypeError("an e-mail address is not pickled")


class ContactState(StrEnum):
    """Where an address is in its life."""

    PENDING = "pending"
    """A code was sent to it."""
    CONFIRMED = "confirmed"
    """The code came back: notices go there."""
    FORMER = "former"
    """Another took its place, or none; it is kept until it was told so."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One address of one person, in one state."""

    contact_id: ContactId
    person_id: PersonId
    address: EmailAddress
    language: str
    """In which language to write: `nl` or `en`."""
    state: ContactState
    asked_at: datetime

    def can_be_confirmed(self, at: datetime) -> bool:
        """Whether its code still counts."""
        return self.state is ContactState.PENDING and at < self.asked_at + CHECK_LIFE
