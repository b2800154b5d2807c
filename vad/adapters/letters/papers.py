"""The port `PaperWriter` with Typst (ADR 0023), and segno for the QR code."""

from importlib.resources import files
from threading import BoundedSemaphore
from typing import Any

import segno

from vad.adapters.letters.pdf import compiled
from vad.domain.errors import UnavailableError
from vad.services.ports.papers import Facts, Heading, Paper, Paragraph, Part, QrCode, ShownCode

_AT_ONCE = 2
"""Papers that one process makes at a time: others who wait get the processor in between."""
_PATIENCE = 2.0
"""Seconds that somebody waits for their turn."""


class TypstPapers:
    """Writes papers in the name of one operator."""

    def __init__(self, sender: str, *, at_once: int = _AT_ONCE, patience: float = _PATIENCE) -> None:
        self._sender = sender
        self._template = files("vad.adapters.letters").joinpath("paper.typ").read_bytes()
        self._turns, self._patience = BoundedSemaphore(at_once), patience

    def write(self, paper: Paper) -> bytes:
        content = {
            "language": paper.language,
            "sender": self._sender,
            "title": paper.title,
            "parts": [_as_data(part) for part in paper.parts],
        }
        if not self._turns.acquire(timeout=self._patience):
            raise UnavailableError("too many papers are being made")
        try:
            return compiled(self._template, "paper", content, paper.at)
        finally:
            self._turns.release()


def _as_data(part: Part) -> dict[str, Any]:
    match part:
        case Heading(text):
            return {"heading": text}
        case Paragraph(text):
            return {"paragraph": text}
        case Facts(rows):
            return {"facts": [{"name": name, "values": list(values)} for name, values in rows]}
        case ShownCode(text):
            return {"code": text}
        case QrCode(address, description):
            # Level M: a fold or a stain on a paper that somebody carries about may spoil 15 % of it.
            image = segno.make_qr(address, error="m").svg_inline(border=4, dark="#000000", light="#ffffff")
            return {"qr": image, "address": address, "description": description}
