"""Frozen dataclasses as JSON, by an explicit table of fields, read back strictly.

What was written by another release, or by somebody else, is not understood and counts as absent: people log in again.
"""

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog

from vad.adapters.vault.encoding import base64url, from_base64url

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is written as a JSON value, and read back; `read` raises `ValueError` for anything else."""

    write: Callable[[Any], object]
    read: Callable[[object], object]


class Codec(Generic[Value]):
    """Writes and reads one dataclass. `left_out` are fields that whoever reads it already knows."""

    def __init__(
        self, kind: type[Value], fields: Mapping[str, Field], *, left_out: frozenset[str] = frozenset()
    ) -> None:
        names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
        if names != fields.keys() | left_out:
            raise TypeError(f"the codec of {kind.__name__} must name each of its fields")
        self._kind = kind
        self._fields = fields

    def dump(self, value: Value) -> bytes:
        """The value as JSON."""
        return json.dumps(self.write(value), separators=(",", ":")).encode()

    def load(self, stored: bytes | None, **known: object) -> Value | None:
        """The value with what is `known` of it; None for what is absent or not understood."""
        if stored is None:
            return None
        try:
            return self.read(json.loads(stored), **known)
        except (ValueError, TypeError, RecursionError):
            # The text of the error may quote the value.
            structlog.get_logger(__name__).warning("stored_value_not_understood", kind=self._kind.__name__)
            return None

    def write(self, value: Value) -> object:
        """The value as a JSON object."""
        return {name: field.write(getattr(value, name)) for name, field in self._fields.items()}

    def read(self, raw: object, **known: object) -> Value:
        """The value of a JSON object with exactly these fields. Raises `ValueError`."""
        if not isinstance(raw, dict) or raw.keys() != self._fields.keys():
            raise ValueError("other fields than expected")
        return self._kind(**known, **{name: field.read(raw[name]) for name, field in self._fields.items()})


def exactly(kind: type) -> Field:
    """A JSON value of this very type; a bool is no int."""

    def read(raw: object) -> object:
        if type(raw) is not kind:
            raise ValueError("another type than expected")
        return raw

    return Field(lambda value: value, read)


def optional(field: Field) -> Field:
    """This field, or null."""
    return Field(
        lambda value: None if value is None else field.write(value),
        lambda raw: None if raw is None else field.read(raw),
    )


def sequence(field: Field) -> Field:
    """A tuple of values."""
    return Field(
        lambda values: [field.write(value) for value in values],
        lambda raw: tuple(field.read(member) for member in _list(raw)),
    )


def collection(field: Field) -> Field:
    """A frozenset of values, written in a fixed order."""
    return Field(
        lambda values: sorted((field.write(value) for value in values), key=str),
        lambda raw: frozenset(field.read(member) for member in _list(raw)),
    )


def choice(kind: type[Enum]) -> Field:
    """A member of an enumeration, by its value."""
    return Field(lambda value: value.value, kind)


def nested(codec: Codec[Any]) -> Field:
    """Another dataclass."""
    return Field(codec.write, codec.read)


def _list(raw: object) -> list[object]:
    if not isinstance(raw, list):
        raise ValueError("not a list")  # noqa: TRY004 - what was stored is data
    return raw


def _text(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("not a text")  # noqa: TRY004 - what was stored is data
    return raw


def _time(raw: object) -> datetime:
    value = datetime.fromisoformat(_text(raw))
    if value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(UTC)


TEXT = exactly(str)
NUMBER = exactly(int)
FLAG = exactly(bool)
BYTES = Field(base64url, lambda raw: from_base64url(_text(raw)))
IDENTIFIER = Field(lambda value: value.hex, lambda raw: UUID(hex=_text(raw)))
TIME = Field(lambda value: value.astimezone(UTC).isoformat(), _time)
