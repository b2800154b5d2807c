"""Letters: where people live, paper, and the service that prints and posts it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from vad.domain.identifiers import Bsn
from vad.domain.notice import Text


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """What stands on the envelope. It is asked for when a letter is made, and kept nowhere."""

    name: str = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    """Empty where the register knows no address, or knows that the person isn't there."""


class AddressRegister(Protocol):
    """The BRP, asked for an address."""

    def postal_address(self, bsn: Bsn) -> PostalAddress | None:
        """None where there is nobody to write to: died, or not known. Raises `RegisterUnavailableError`."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one person."""

    to: PostalAddress
    text: Text
    at: datetime
    code: str | None = field(default=None, repr=False)
    """What the text shows, if it shows a code."""


class LetterWriter(Protocol):
    """Makes paper."""

    def write(self, letter: Letter) -> bytes:
        """The letter as a PDF that a screen reader can read."""


class LetterPost(Protocol):
    """A service that prints and posts."""

    def hand_over(self, pdf: bytes, key: UUID) -> None:
        """Hand a letter over. One with a key that it had before is not posted again.

        Raises `UnavailableError` when trying again later may help, `UndeliverableError` when it won't.
        """


class CodeMaker(Protocol):
    """Makes the code of a letter, when that is written and not before: only its keyed hash is kept."""

    def __call__(self, about: str, at: datetime, /) -> str | None:
        """The code; None where what the letter is about is over, so that none is sent."""
