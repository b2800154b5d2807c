"""The codec: what is written is read back, and nothing else is."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.redis.volatile_stores import code_value, login, logout, request, session
from vad.adapters.redis import authorization_requests, codes, logout_requests, pending_logins, sessions
from vad.adapters.redis.codec import (
    BYTES,
    FLAG,
    IDENTIFIER,
    NUMBER,
    TEXT,
    TIME,
    Codec,
    choice,
    collection,
    nested,
    optional,
    sequence,
)


class Colour(Enum):
    """An enumeration."""

    RED = "red"
    GREEN = "green"


@dataclass(frozen=True)
class Inner:
    """A nested value."""

    number: int


@dataclass(frozen=True)
class Everything:
    """One field of each kind."""

    text: str
    flag: bool
    number: int | None
    raw: bytes
    time: datetime
    identifier: UUID
    colours: frozenset[Colour]
    texts: tuple[str, ...]
    inner: Inner
    known: str


CODEC = Codec(
    Everything,
    {
        "text": TEXT,
        "flag": FLAG,
        "number": optional(NUMBER),
        "raw": BYTES,
        "time": TIME,
        "identifier": IDENTIFIER,
        "colours": collection(choice(Colour)),
        "texts": sequence(TEXT),
        "inner": nested(Codec(Inner, {"number": NUMBER})),
    },
    left_out=frozenset({"known"}),
)
GOOD = Everything(
    "t",
    True,  # noqa: FBT003 - positional like the rest
    None,
    b"\x00",
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    UUID(int=5),
    frozenset(Colour),
    ("a", "b"),
    Inner(7),
    "known",
)
instants = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]),
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
)


@given(
    st.builds(
        Everything,
        text=st.text(),
        flag=st.booleans(),
        number=st.none() | st.integers(),
        raw=st.binary(),
        time=instants,
        identifier=st.uuids(),
        colours=st.frozensets(st.sampled_from(Colour)),
        texts=st.lists(st.text()).map(tuple),
        inner=st.builds(Inner, st.integers()),
        known=st.just("known"),
    )
)
def test_round_trip(value: Everything) -> None:
    """Whatever the fields hold comes back equal, times in UTC; equal values are written the same way."""
    stored = CODEC.dump(value)
    read = CODEC.load(stored, known="known")
    assert read == value
    assert read is not None
    assert read.time.utcoffset() == timedelta()
    assert CODEC.dump(read) == stored


@pytest.mark.parametrize(
    ("field", "planted"),
    [
        ("text", None),
        ("text", 1),
        ("flag", 1),
        ("flag", "true"),
        ("number", True),
        ("number", 1.0),
        ("number", "1"),
        ("raw", "A"),
        ("raw", "AA=="),
        ("raw", []),
        ("time", "2026-03-29T01:30:00"),
        ("time", "yesterday"),
        ("time", 1774747800),
        ("identifier", "5"),
        ("identifier", None),
        ("colours", ["blue"]),
        ("colours", "red"),
        ("colours", [["red"]]),
        ("texts", {"a": 1}),
        ("texts", [None]),
        ("inner", None),
        ("inner", {}),
        ("inner", {"number": 7, "other": 1}),
        ("extra", 1),
        ("known", "forged"),
    ],
)
def test_anything_else_is_absent(field: str, planted: Any) -> None:
    """A wrong type, an unknown value and an unknown field each make the whole value absent."""
    raw = json.loads(CODEC.dump(GOOD))
    assert CODEC.load(json.dumps(raw).encode(), known="known") == GOOD
    raw[field] = planted
    assert CODEC.load(json.dumps(raw).encode(), known="known") is None


@pytest.mark.parametrize("field", ["text", "number", "inner"])
def test_a_missing_field_makes_it_absent(field: str) -> None:
    """Nothing is filled in by a default."""
    raw = json.loads(CODEC.dump(GOOD))
    del raw[field]
    assert CODEC.load(json.dumps(raw).encode(), known="known") is None


def test_a_codec_names_every_field() -> None:
    """A field that is added to the domain can't be forgotten here."""
    with pytest.raises(TypeError, match="Inner"):
        Codec(Inner, {})
    with pytest.raises(TypeError, match="Inner"):
        Codec(Inner, {"number": NUMBER, "other": TEXT})


@pytest.mark.parametrize(
    ("codec", "value", "known"),
    [
        (sessions.CODEC, session(), {}),
        (authorization_requests.CODEC, request(), {"flow": request().flow}),
        (pending_logins.CODEC, login(), {"state": login().state, "browser": login().browser}),
        (codes.CODEC, code_value(), {}),
        (logout_requests.CODEC, logout(), {}),
    ],
)
def test_the_domain_values_survive(codec: Codec[Any], value: object, known: dict[str, Any]) -> None:
    """Each stored value of the domain comes back equal."""
    assert codec.load(codec.dump(value), **known) == value
