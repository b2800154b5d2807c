"""Reading a PDF as people do: its text, its QR codes as a camera sees them, and what it tells a screen reader."""

import io
from collections.abc import Iterator
from typing import Any

import pypdfium2
import zxingcpp
from pypdf import PdfReader

_SCALE = 2
"""Pixels a point: 144 to an inch, less than any printer."""


def text_of(pdf: bytes) -> str:
    """All of its text, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def qr_codes(pdf: bytes) -> list[str]:
    """What the QR codes on its first page say."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        drawn = document[0].render(scale=_SCALE, grayscale=True)
        pixels = memoryview(drawn.buffer).cast("B", shape=[drawn.height, drawn.stride])
        return [found.text for found in zxingcpp.read_barcodes(pixels)]
    finally:
        document.close()


def picture_of(pdf: bytes) -> list[list[tuple[int, int, int]]]:
    """The pixels of its first page, row by row, as a screen shows them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        shown = document[0].render(scale=1, grayscale=True)
        pixels, stride = bytes(shown.buffer), shown.stride
        return [[(grey,) * 3 for grey in pixels[row * stride :][: shown.width]] for row in range(shown.height)]
    finally:
        document.close()


def root_of(pdf: bytes) -> tuple[Any, str]:
    """Its catalog (ISO 32000-2 section 7.7.2), and its title."""
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata is not None
    return reader.trailer["/Root"], reader.metadata.title or ""


def elements(element: Any) -> Iterator[Any]:
    """An element of its structure, and all below it."""
    yield element
    below = element.get("/K", [])
    for each in below if isinstance(below, list) else [below]:
        target = each.get_object() if hasattr(each, "get_object") else each
        if isinstance(target, dict):
            yield from elements(target)
