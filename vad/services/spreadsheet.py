"""Lines of CSV (RFC 4180) that a spreadsheet reads as they are meant."""

import csv
import io
from collections.abc import Iterable
from typing import Final

BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it spreadsheets take UTF-8 for something older, and names come out wrong."""
_FORMULA: Final = frozenset("=+-@\t\r\n")
"""With these a spreadsheet begins a formula: what stands there could run something."""


def row(cells: Iterable[str]) -> str:
    """One line."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in _FORMULA else cell
