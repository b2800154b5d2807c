"""PostgreSQL: mandates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate, Route


@dataclass(frozen=True, slots=True)
class Coded:
    """The mandate that a code belongs to."""

    mandate: Mandate
    wrong_tries: int
    addressee: PersonId | None = None
    """Whom it was sent to by letter."""

    @property
    def giver(self) -> PersonId | None:
        """Who gave the code to whoever brings it."""
        return self.addressee if self.mandate.route is Route.LETTER else self.mandate.maker

    def for_person(self, person_id: PersonId) -> bool:
        """Whether this person may bring it: a code that was sent by letter is for whoever asked for that letter."""
        return self.mandate.route is not Route.LETTER or self.mandate.representative == person_id


class Mandates(Protocol):
    """Mandates, from offer or request to their end. What is written here is decided in `vad.domain.mandate`."""

    def hold(self, *people: PersonId) -> None:
        """Wait for, and hold off, others who change mandates of these people; until this unit of work is over."""

    def hold_all(self, mandate: Mandate, at: datetime) -> None:
        """Hold what an end of this mandate lets go of, before it is written.

        In the order in which what issues holds it: whoever stops and whoever issues wait for each other, and neither
        for somebody who waits for them.
        """

    def add(self, mandate: Mandate, code_hash: bytes | None) -> None:
        """An offer or a request, with its code. That of a letter comes when the letter is written."""

    def get(self, mandate_id: MandateId) -> Mandate | None: ...

    def of(self, person_id: PersonId, since: datetime) -> tuple[Mandate, ...]:
        """Those with this person on either side that are not over, or were not at `since`; the latest change first."""

    def active(self, represented: PersonId, representative: PersonId) -> tuple[Mandate, ...]:
        """Those between these two that nobody has stopped, expired ones included if nobody wrote that down."""

    def waiting(self, person_id: PersonId, at: datetime) -> int:
        """How many offers and requests this person has made that nobody has answered."""

    def by_code(self, hashes: Sequence[bytes]) -> Coded | None:
        """The one whose code has one of these keyed hashes; held until this unit of work is over."""

    def tried(self, mandate_id: MandateId) -> None:
        """Count a right code with a wrong birth date."""

    def recode(self, mandate: Mandate, code_hash: bytes) -> bool:
        """Give it another code; the one before is of no use any more. False where it is not as it was read."""

    def keep(self, mandate: Mandate) -> bool:
        """Write the next version of a mandate. False where somebody else wrote one first."""

    def used(self, mandate_id: MandateId, at: datetime) -> bool:
        """Note that somebody acts on it now; whether that is for the first time."""

    def overdue(self, at: datetime, limit: int) -> tuple[Mandate, ...]:
        """Those that the clock has ended and nobody has written down."""

    def ending(self, at: datetime, limit: int) -> tuple[Mandate, ...]:
        """Active ones that end in thirty days, last longer than that, and of whose end nobody was reminded."""

    def to_check(self, before: datetime, at: datetime, limit: int) -> tuple[Mandate, ...]:
        """Active ones of which the register was last asked by `before`; they count as asked about at `at`."""

    def check_again(self, mandates: Sequence[Mandate], checked_at: datetime) -> None:
        """Count these as asked about at that time: the register gave no answer."""
