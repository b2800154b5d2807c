"""Reading JSON from outside: UTF-8, bounded in depth, one meaning only."""

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

DEEPEST = 20
"""Levels of arrays and objects inside each other."""


def parse(body: bytes) -> Any:
    """The value that `body` holds (RFC 8259).

    Raises `ValueError`, without any of the content, for what is not JSON in UTF-8, lies deeper than `DEEPEST`, names a
    member twice, holds a number that JSON does not have or that is too large for us, or text that can't be written
    down: half a surrogate pair, which no encoding takes, or U+0000, which PostgreSQL does not.
    """
    value: Any = None
    fault = ""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once, parse_float=_finite, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # json's own message would carry the content along.
        fault = "not JSON"
    # What opens fewer than that can't lie deeper; to count is much faster than to look.
    if not fault and body.count(b"{") + body.count(b"[") > DEEPEST and _too_deep(value):
        fault = "JSON that is too deep"
    # Such characters can come by an escape alone: as they are, the decoder or the parser refuses them.
    if not fault and b"\\u" in body and not all(map(_writable, _texts(value))):
        fault = "not JSON"
    if fault:
        raise ValueError(fault)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands there twice")
    return members


def _finite(digits: str) -> float:
    """What is too large is infinite to Python, which then writes it as something that is no JSON."""
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("not a number of ours")
    return number


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("not a number of JSON")


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    return any(isinstance(inner, dict | list) for inner in level)


def _texts(value: Any) -> Iterator[str]:
    """All texts, names of members included; what lies too deep is not asked here."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            yield from each
        waiting += _inside(each)


def _writable(text: str) -> bool:
    return not any(each == "\x00" or "\ud800" <= each <= "\udfff" for each in text)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
