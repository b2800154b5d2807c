"""Letters: where people live, paper, and the service that prints and posts it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from vad.domain.identifiers import Bsn
from vad.domain.mandate_words import MandateDetails
from vad.domain.notice import Text
from vad.services.ports.notices import ToldNotice
from vad.services.ports.records import UnitOfWork


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
    filling: "Filling | None" = field(default=None, repr=False)
    """What the text shows beside its own words, if it shows anything."""


@dataclass(frozen=True, slots=True)
class Filling:
    """What stands in one letter alone."""

    code: str = field(repr=False)
    details: Mapping[str, MandateDetails] = field(repr=False)
    """By language: who may see what."""


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


class LetterFiller(Protocol):
    """Fills letters of one kind, when they are written and not before: of a code only the keyed hash is kept."""

    def fill(self, told: ToldNotice, at: datetime) -> Filling | None:
        """None where what the letter is about is over, so that none is sent.

        A letter that is written again has the same code: the post service may have taken it the first time.
        """

    def posted(self, tx: UnitOfWork, told: ToldNotice, at: datetime) -> None:
        """The letter is with the post service: do what waited for that, in the unit of work that says so."""
