"""JSON from outside: one meaning, bounded depth, and no content in what is said about it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.domain.strict_json import DEEPEST, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("abc é"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=20,
)


@given(VALUES)
def test_json_is_read(value: object) -> None:
    """What is JSON is read as it was meant."""
    assert parse(json.dumps(value).encode()) == value


@given(st.binary(max_size=60))
def test_nothing_else_goes_wrong(body: bytes) -> None:
    """Any bytes are either read or refused, with an error that repeats none of them."""
    fault = None
    try:
        parse(body)
    except ValueError as error:
        fault = error
    assert fault is None or (str(fault) == "not JSON" and fault.__context__ is None)


@pytest.mark.parametrize(
    "body",
    [
        '{"a": 1, "a": 2}',
        '{"b": {"a": 1, "\\u0061": 2}}',
        "NaN",
        "[Infinity]",
        "-Infinity",
        "1e400",
        '{"a": [-1e999]}',
        "1" * 5000,
        '"open',
        "{}{}",
        "\ufeff{}",
        "'a'",
        '"\\ud800"',
        '{"a": [{"b": "x\\udfffx"}]}',
        '{"\\ude00\\ud83d": 1}',
        '["a", "\\u0000"]',
    ],
)
def test_ambiguous_json_is_refused(body: str) -> None:
    """A member that stands there twice means different things to different readers; NaN is no JSON.

    What is too large for a number would be written down as Infinity.

    Half a surrogate pair is a fault for whoever encodes it next, and U+0000 for PostgreSQL.
    """
    with pytest.raises(ValueError, match=r"^not JSON$"):
        parse(body.encode())


def test_any_other_escape_is_read() -> None:
    """A whole pair is one character; a backslash that is escaped itself begins nothing."""
    assert parse(rb'{"\u00e9": "\ud83d\ude00", "b": "\\ud800 \\u0000"}') == {"é": "\U0001f600", "b": r"\ud800 \u0000"}


def test_other_encodings_are_refused() -> None:
    """JSON between systems is UTF-8 (RFC 8259 section 8.1)."""
    with pytest.raises(ValueError, match=r"^not JSON$"):
        parse("{}".encode("utf-16"))


def test_depth_is_limited() -> None:
    """Twenty levels are read, twenty-one are not."""
    assert parse(b"[" * DEEPEST + b"]" * DEEPEST)
    for depth in (DEEPEST + 1, 30_000):
        with pytest.raises(ValueError, match="JSON"):
            parse(b"[" * depth + b"]" * depth)
