"""A day in a form of the log: three fields there, and one word (ISO 8601) in an address."""

from collections.abc import Mapping
from typing import Final

from flask import request

_PARTS: Final[Mapping[str, int]] = {"year": 4, "month": 2, "day": 2}
"""The fields in the order of the word, with how many digits each has there."""
_LONGEST = 10
"""Characters of one field that count, and that are shown again."""


def posted(name: str) -> str:
    """The three fields as one word, which is a day only if they are one; nothing where all are empty."""
    typed = [request.form.get(f"{name}_{part}", "").strip()[:_LONGEST] for part in _PARTS]
    padded = [each and each.zfill(digits) for each, digits in zip(typed, _PARTS.values(), strict=True)]
    return "-".join(padded) if any(padded) else ""


def fields(name: str, word: str) -> dict[str, str]:
    """What to show in each field for such a word."""
    shown = dict(zip(_PARTS, word.split("-", 2), strict=False))
    return {f"{name}_{part}": shown.get(part, "").lstrip("0")[:_LONGEST] for part in _PARTS}
