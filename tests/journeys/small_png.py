"""Makes PNG pictures of pages small: 256 colours are plenty for text, and Chromium compresses fast rather than well.

Chunks, filters and palettes are those of the PNG specification (ISO/IEC 15948), sections 5, 9 and 11.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

Colour = tuple[int, int, int]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = 3
_COLOURS = 256
_TRUE_COLOUR, _INDEXED = 2, 3
_SUB, _UP, _AVERAGE, _PAETH = 1, 2, 3, 4


def smaller(png: bytes) -> bytes:
    """Give the same picture with at most 256 colours; takes 8-bit true colour without transparency."""
    parts = list(_chunks(png))
    width, _, depth, kind = struct.unpack(">IIBB", dict(parts)[b"IHDR"][:10])
    assert (depth, kind) == (8, _TRUE_COLOUR)
    filtered = zlib.decompress(b"".join(content for name, content in parts if name == b"IDAT"))
    rows = [list(zip(row[::3], row[1::3], row[2::3], strict=True)) for row in _rows(filtered, width)]
    return drawn(rows)


def drawn(rows: list[list[Colour]]) -> bytes:
    """Give a picture of these rows of pixels, with at most 256 colours."""
    width, height = len(rows[0]), len(rows)
    counted = Counter(colour for row in rows for colour in row)
    palette = [colour for colour, _ in counted.most_common(_COLOURS)]
    index = {colour: _nearest(colour, palette) for colour in counted}
    pixels = b"".join(b"\0" + bytes(index[colour] for colour in row) for row in rows)
    return _SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _INDEXED, 0, 0, 0)),
            _chunk(b"PLTE", b"".join(map(bytes, palette))),
            _chunk(b"IDAT", zlib.compress(pixels, 9)),
            _chunk(b"IEND", b""),
        )
    )


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    distances = (sum((a - b) ** 2 for a, b in zip(colour, known, strict=True)) for known in palette)
    return min(enumerate(distances), key=lambda each: each[1])[0]


def _rows(filtered: bytes, width: int) -> Iterator[bytearray]:
    """Undo the filter of each row: what stands there is the difference from pixels to the left and above."""
    length = width * _CHANNELS
    above = bytearray(length)
    for start in range(0, len(filtered), length + 1):
        kind, row = filtered[start], bytearray(filtered[start + 1 : start + 1 + length])
        for at in range(length) if kind else ():
            left, corner = (row[at - _CHANNELS], above[at - _CHANNELS]) if at >= _CHANNELS else (0, 0)
            row[at] = (row[at] + _guess(kind, left, above[at], corner)) & 0xFF
        yield row
        above = row


def _guess(kind: int, left: int, above: int, corner: int) -> int:
    if kind == _SUB:
        return left
    if kind == _UP:
        return above
    if kind == _AVERAGE:
        return (left + above) // 2
    assert kind == _PAETH
    guess = left + above - corner
    return min((left, above, corner), key=lambda each: abs(guess - each))


def _chunks(png: bytes) -> Iterable[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        yield name, png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
