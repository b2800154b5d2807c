"""PostgreSQL: mandates that were asked for by letter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate_letter import Addressee


@dataclass(frozen=True, slots=True)
class AskedLetter:
    """Whom the letter of a mandate is for. Both None: nobody was to be found."""

    asked: Addressee | None
    """As it was asked for; None once that was looked up."""
    addressee: PersonId | None


@dataclass(frozen=True, slots=True)
class StopCoded:
    """The mandate that a stop code belongs to."""

    mandate_id: MandateId
    addressee: PersonId
    wrong_tries: int


class MandateLetters(Protocol):
    """What a mandate by letter has beside what every mandate has."""

    def add(self, mandate_id: MandateId, asked: Addressee) -> None:
        """Keep, sealed, who is asked, until that is looked up."""

    def get(self, mandate_id: MandateId) -> AskedLetter | None:
        """Hold it until this unit of work is over. None for a mandate that was not asked for by letter."""

    def address(self, mandate_id: MandateId, addressee: PersonId | None) -> None:
        """Forget what was asked, and know who it is; None: nobody."""

    def hashes(self, mandate_id: MandateId) -> tuple[bytes | None, bytes | None]:
        """The keyed hashes of the codes of its two letters; None for what was never written."""

    def forget_asked(self, mandate_id: MandateId) -> None:
        """Forget who was asked, where nobody has found that out in time."""

    def keep_code(self, mandate_id: MandateId, code_hash: bytes) -> None:
        """The code that the letter brings."""

    def keep_stop_code(self, mandate_id: MandateId, code_hash: bytes) -> None:
        """The code that stops it."""

    def by_stop_code(self, hashes: Sequence[bytes]) -> StopCoded | None:
        """The one whose stop code has one of these keyed hashes; held until this unit of work is over."""

    def tried(self, mandate_id: MandateId) -> None:
        """Count a right stop code with a wrong birth date."""
