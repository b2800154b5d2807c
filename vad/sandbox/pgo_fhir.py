"""FHIR R4 as people read it: from a Bundle of a data source to titled groups of short lines.

What a source sends is not trusted to be well-formed: anything that is not as FHIR says is left out.
"""

from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

YEAR_MONTH, YEAR = 7, 4


@dataclass(frozen=True)
class Line:
    """One thing in a group: what it is, when, and details about it."""

    what: str
    when: str
    details: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """All lines of one kind of FHIR resource."""

    kind: str
    lines: tuple[Line, ...]


def groups(bundle: dict[str, Any], language: str) -> list[Group]:
    """The groups in `bundle`, in a fixed order, newest line first; dates are written in `language` (nl, en)."""
    resources = [_table(_table(entry).get("resource")) for entry in _list(bundle.get("entry"))]
    found = []
    for kind, (read, date_of) in KINDS.items():
        of_kind = [item for item in resources if item.get("resourceType") == kind]
        of_kind.sort(key=lambda item: _text(date_of(item)), reverse=True)
        lines = tuple(
            Line(what, _date(_text(date_of(item)), language), tuple(filter(None, details)))
            for item in of_kind
            for what, *details in [read(item, language)]
            if what
        )
        if lines:
            found.append(Group(kind, lines))
    return found


def patient_name(bundle: dict[str, Any]) -> str:
    """The name of the person as the source knows it, or nothing."""
    for entry in _list(bundle.get("entry")):
        resource = _table(_table(entry).get("resource"))
        if resource.get("resourceType") == "Patient":
            name = _first(resource.get("name"))
            return " ".join([*map(_text, _list(name.get("given"))), _text(name.get("family"))]).strip()
    return ""


def _condition(item: dict[str, Any], _: str) -> list[str]:
    return [_concept(item.get("code"))]


def _medication(item: dict[str, Any], _: str) -> list[str]:
    return [_concept(item.get("medicationCodeableConcept")), _text(_first(item.get("dosage")).get("text"))]


def _allergy(item: dict[str, Any], _: str) -> list[str]:
    reaction = _first(_first(item.get("reaction")).get("manifestation"))
    return [_concept(item.get("code")), _concept(reaction)]


def _observation(item: dict[str, Any], language: str) -> list[str]:
    value = _quantity(item.get("valueQuantity"), language) or _concept(item.get("valueCodeableConcept"))
    parts = [
        f"{_concept(part.get('code'))}: {_quantity(part.get('valueQuantity'), language)}"
        for part in map(_table, _list(item.get("component")))
    ]
    return [_concept(item.get("code")), value, *parts]


def _encounter(item: dict[str, Any], _: str) -> list[str]:
    return [_concept(_first(item.get("reasonCode"))), _concept(_first(item.get("type")))]


def _immunization(item: dict[str, Any], language: str) -> list[str]:
    dose = _first(item.get("protocolApplied")).get("doseNumberPositiveInt")
    word = {"nl": "Prik", "en": "Dose"}[language]
    return [_concept(item.get("vaccineCode")), f"{word} {dose}" if type(dose) is int else ""]


def _letter(item: dict[str, Any], _: str) -> list[str]:
    attachment = _table(_first(item.get("content")).get("attachment"))
    plain = _text(attachment.get("contentType")).partition(";")[0] == "text/plain"
    try:
        content = b64decode(_text(attachment.get("data")), validate=True).decode() if plain else ""
    except ValueError:
        content = ""
    return [_text(item.get("description")), content]


Read = Callable[[dict[str, Any], str], list[str]]
KINDS: dict[str, tuple[Read, Callable[[dict[str, Any]], Any]]] = {
    "AllergyIntolerance": (_allergy, lambda item: item.get("recordedDate")),
    "MedicationStatement": (_medication, lambda item: _table(item.get("effectivePeriod")).get("start")),
    "Condition": (_condition, lambda item: item.get("onsetDateTime")),
    "Encounter": (_encounter, lambda item: _table(item.get("period")).get("start")),
    "Observation": (_observation, lambda item: item.get("effectiveDateTime")),
    "Immunization": (_immunization, lambda item: item.get("occurrenceDateTime")),
    "DocumentReference": (_letter, lambda item: item.get("date")),
}


def _date(value: str, language: str) -> str:
    """A FHIR date, which may be a year or a month only, in words; nothing when it cannot be read."""
    try:
        if len(value) == YEAR:
            return format_date(date(int(value), 1, 1), "y", locale=language)
        if len(value) == YEAR_MONTH:
            return format_date(date.fromisoformat(f"{value}-01"), "MMMM y", locale=language)
        return format_date(datetime.fromisoformat(value).date(), "d MMMM y", locale=language)
    except ValueError:
        return ""


def _quantity(value: Any, language: str) -> str:
    quantity = _table(value)
    number = quantity.get("value")
    if not isinstance(number, int | float):
        return ""
    return f"{format_decimal(number, locale=language)} {_text(quantity.get('unit'))}".strip()


def _concept(value: Any) -> str:
    concept = _table(value)
    return _text(concept.get("text")) or _text(_first(concept.get("coding")).get("display"))


def _first(value: Any) -> dict[str, Any]:
    return _table(next(iter(_list(value)), None))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
