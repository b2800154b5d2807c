"""Papers that people get as a file: what stands on one, part after part, in the words of the page that offers it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows of what something is, and its values."""

    rows: tuple[tuple[str, tuple[str, ...]], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownCode:
    """Characters to copy by hand."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QrCode:
    """An address for a camera, and below it for a person; `description` is for whoever sees no picture."""

    address: str = field(repr=False)
    description: str


Part = Heading | Paragraph | Facts | ShownCode | QrCode


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper in one language (BCP 47)."""

    language: str
    title: str
    parts: tuple[Part, ...]
    at: datetime


class PaperWriter(Protocol):
    """Makes paper while somebody waits for it."""

    def write(self, paper: Paper) -> bytes:
        """The paper as a PDF that a screen reader can read. Raises `UnavailableError` while too many are being made."""
