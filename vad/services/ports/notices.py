"""PostgreSQL: where people want to be told, and what they were told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from vad.domain.birthday import Watch
from vad.domain.contact import Contact
from vad.domain.identifiers import ContactId, PersonId
from vad.domain.notice import Notice


class Contacts(Protocol):
    """Addresses, sealed. One person has one confirmed address at most, and one that waits for its code."""

    def hold(self, person_id: PersonId) -> None:
        """Let whoever changes addresses of this person wait until this unit of work is over."""

    def confirmed(self, person_id: PersonId) -> Contact | None:
        """Where this person is told."""

    def pending(self, person_id: PersonId) -> Contact | None:
        """The address whose code this person has yet to enter."""

    def get(self, contact_id: ContactId) -> Contact | None:
        """One address, in whatever state."""

    def ask(self, contact: Contact) -> None:
        """Add an address that waits for its code; it takes the place of one that did."""

    def count_try(self, contact_id: ContactId, most: int) -> bool:
        """Count that a code was entered; False, and nothing is counted, when that was done `most` times."""

    def confirm(self, contact: Contact, at: datetime) -> ContactId | None:
        """Make this waiting address the confirmed one; the one that was it before becomes a former one: its id."""

    def remove(self, person_id: PersonId, at: datetime) -> ContactId | None:
        """Let there be no address: what waits is gone, the confirmed one becomes a former one: its id."""

    def forget_old(self, asked_before: datetime, ended_before: datetime) -> int:
        """Delete addresses that were never confirmed, and former ones; returns how many."""


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """One notice to one person."""

    notice_id: UUID
    person_id: PersonId
    notice: Notice
    about: str
    at: datetime


class Birthdays(Protocol):
    """Birthdays that parents and children are to be told of beforehand."""

    def watch(self, watches: Sequence[Watch]) -> int:
        """Add those that are not there yet; returns how many were added."""

    def take(self, today: date, limit: int) -> tuple[Watch, ...]:
        """Some whose month has come and that nobody looked at today; from now on somebody did."""

    def told(self, watch: Watch, notices: int) -> None:
        """So many of its notices are behind us."""

    def forget(self, watch: Watch) -> None:
        """It is over."""


class Notices(Protocol):
    """What people are told, each once."""

    def add(self, person_id: PersonId, notice: Notice, about: str, at: datetime) -> UUID | None:
        """Write it down; None when this person was told this about the same before."""

    def get(self, notice_id: UUID) -> ToldNotice | None:
        """None where it is not kept any more."""

    def count(self, person_id: PersonId, notice: Notice, since: datetime) -> int:
        """How often this person was told this, about whatever."""

    def forget_old(self, before: datetime, limit: int) -> int:
        """Delete what was written down before; returns how many."""
