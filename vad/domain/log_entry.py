"""What of an event goes into the tree: its row as canonical JSON (RFC 8785), so that anybody can hash it again.

What is null stays out: a column that a later release adds changes no leaf of an older event.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

_MOST = 2**53 - 1
"""Beyond it a JSON number is not exact (RFC 7493 section 2.2)."""
_MOST_DIGITS = 16
_DEEPEST = 200
"""Levels. How deep a decoder can go depends on who calls it, and the bytes of a leaf must not."""
_LAST = "\ud7ff"
"""Up to this character the order by code points is the one by UTF-16 that RFC 8785 asks for."""

_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
"""Texts, within which brackets mean nothing, and brackets."""


class _Inexact(Exception):  # noqa: N818 - never leaves this module
    """A number that canonical JSON would round."""


def log_entry(columns: Mapping[str, str | None], evidence: str) -> bytes:
    """The bytes that a leaf holds: every column that says something, by name, and the evidence.

    `evidence` is JSON as the database keeps it. What canonical JSON could not give exactly goes in as text instead,
    under another name: a number that was rounded would let somebody change it unseen.
    """
    entry: dict[str, Any] = {name: value for name, value in columns.items() if value is not None}
    exact = _exact(evidence)
    entry |= {"evidence_text": evidence} if exact is None else {"evidence": exact}
    return _encoder().encode(entry).encode()


@cache
def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_float=_not_exact, parse_int=_integer)


@cache
def _encoder() -> json.JSONEncoder:
    return json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _exact(evidence: str) -> Any:
    if not evidence.isascii() and max(evidence) > _LAST:
        return None
    if evidence.count("[") + evidence.count("{") > _DEEPEST and _depth(evidence) > _DEEPEST:
        return None
    try:
        return _decoder().decode(evidence)
    except _Inexact:
        return None


def _depth(evidence: str) -> int:
    """How many levels JSON has."""
    deepest = level = 0
    for part in _BRACKETS.finditer(evidence):
        level += {"[": 1, "{": 1, "]": -1, "}": -1}.get(part[0], 0)
        deepest = max(deepest, level)
    return deepest


def _integer(text: str) -> int:
    # Python refuses to read thousands of digits at all.
    if len(text.lstrip("-")) > _MOST_DIGITS:
        raise _Inexact
    number = int(text)
    if abs(number) > _MOST:
        raise _Inexact
    return number


def _not_exact(_text: str) -> float:
    raise _Inexact
