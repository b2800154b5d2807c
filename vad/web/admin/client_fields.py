"""A member of a registration as a field: how a form asks for it, reads it, and how a page says it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vad.domain.certificate import NameKind
from vad.services.client_entry import Entry

_OF_HASH: Final = 16
_NAMES: Final = frozenset(NameKind)


class Kind(StrEnum):
    """What a field is in a form."""

    TEXT = "text"
    LINES = "lines"
    """One value on each line."""
    FLAG = "flag"
    ONE = "one"
    """One of its options."""
    MANY = "many"
    """Any of its options."""
    CERTIFICATE = "certificate"
    """What the certificate says, and where: two controls, of which one member comes (RFC 8705 section 2.1.2)."""


@dataclass(frozen=True, slots=True)
class Field:
    """One member of a registration, by the name that files and RFC 7591 give it."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    options: tuple[str, ...] = ()
    needed: bool = False
    """One of its options always holds: none of them is no choice."""
    hint: str = ""

    def read(self, text: Callable[[str], str]) -> dict[str, object]:
        """The members that were filled in; None: it goes without."""
        match self.kind:
            case Kind.LINES:
                return {self.name: text(self.name).split() or None}
            case Kind.FLAG:
                return {self.name: bool(text(self.name)) or None}
            case Kind.MANY:
                chosen = [each for number, each in enumerate(self.options) if text(f"{self.name}_{number}")]
                return {self.name: chosen or None}
            case Kind.CERTIFICATE:
                kind, value = text("certificate_kind"), text("certificate_value")
                # Without a kind, or with what is none, this is no member at all, and the checks say so.
                given = {kind if kind in _NAMES else "certificate_kind": value} if value else {}
                return {**dict.fromkeys(_NAMES), **given}
            case _:
                return {self.name: text(self.name) or None}

    def filled(self, entry: Entry) -> dict[str, str]:
        """The controls of its form, as they stand for what is registered."""
        value = entry.get(self.name)
        listed = [str(each) for each in value] if isinstance(value, list) else []
        match self.kind:
            case Kind.LINES:
                return {self.name: "\n".join(listed)}
            case Kind.FLAG:
                return {self.name: "yes"} if value else {}
            case Kind.MANY:
                return {f"{self.name}_{number}": "yes" for number, each in enumerate(self.options) if each in listed}
            case Kind.CERTIFICATE:
                kind = next((each.value for each in NameKind if each.value in entry), "")
                return {"certificate_kind": kind, "certificate_value": str(entry.get(kind, ""))}
            case _:
                return {self.name: "" if value is None else str(value)}

    def shown(self, entry: Entry) -> Sequence[str]:
        """What a page says of it; nothing where nothing is registered."""
        if self.kind is Kind.CERTIFICATE:
            return [f"{each.value}: {entry[each.value]}" for each in NameKind if each.value in entry]
        value = entry.get(self.name)
        if self.name == "client_secret_sha256" and isinstance(value, list):
            return [f"{str(each)[:_OF_HASH]}…" for each in value]
        if isinstance(value, list):
            return [str(each) for each in value]
        # No seconds are something; a flag that is not set is nothing.
        return [str(value)] if value or (value == 0 and value is not False) else []


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one form."""

    address: str
    title: str
    fields: tuple[Field, ...]
    note: str = ""

    def read(self, text: Callable[[str], str]) -> dict[str, object]:
        """All members that were filled in."""
        return {name: value for field in self.fields for name, value in field.read(text).items()}

    @property
    def controls(self) -> frozenset[str]:
        """Their names, as faults have them."""
        of_certificate = {"certificate_kind", "certificate_value"}
        return frozenset(field.name for field in self.fields) | of_certificate

    def filled(self, entry: Entry) -> dict[str, str]:
        """All controls, as they stand for what is registered."""
        return {name: value for field in self.fields for name, value in field.filled(entry).items()}
