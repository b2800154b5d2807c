"""The question put to the mock BRP, checked as Haal Centraal does: every fault has its own code and Dutch reason."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TYPE = "RaadpleegMetBurgerservicenummer"
_MOST_BSNS = 20
_MOST_FIELDS = 130
_BSN = re.compile(r"[0-9]{9}")
_DATE_PARTS = ("type", "datum", "jaar", "maand", "onbekend", "langFormaat")
# What may be asked for. `gezag` has no sub-paths, since 2.7.0 of the register. A part of a date yields the whole date.
_FIELDS: Mapping[str, str] = {
    path: path
    for path in (
        "burgerservicenummer",
        "naam",
        "naam.aanduidingNaamgebruik",
        "naam.aanduidingNaamgebruik.code",
        "naam.aanduidingNaamgebruik.omschrijving",
        "naam.voornamen",
        "naam.voorvoegsel",
        "naam.geslachtsnaam",
        "naam.voorletters",
        "naam.volledigeNaam",
        "geboorte",
        "geboorte.datum",
        "leeftijd",
        "overlijden",
        "overlijden.datum",
        "geslacht",
        "geslacht.code",
        "geslacht.omschrijving",
        "gezag",
        "indicatieCurateleRegister",
        "adressering",
        "adressering.aanschrijfwijze",
        "adressering.aanschrijfwijze.naam",
        "adressering.adresregel1",
        "adressering.adresregel2",
        "adressering.adresregel3",
        "adressering.land",
        "adressering.land.omschrijving",
    )
} | {f"{whole}.{part}": whole for whole in ("geboorte.datum", "overlijden.datum") for part in _DATE_PARTS}


@dataclass(frozen=True)
class InvalidParam:
    """One wrong parameter: its name, the register's code for what is wrong, and the reason in Dutch."""

    name: str
    code: str
    reason: str


@dataclass(frozen=True)
class Query:
    """A question without faults; both lists without repetitions."""

    bsns: tuple[str, ...]
    fields: tuple[str, ...]


def parse(body: Any) -> Query | list[InvalidParam]:
    """Return the question in a request body, or all that is wrong with it (never with a value in it)."""
    if not isinstance(body, dict):
        return [InvalidParam("body", "json", "Request body is geen geldig JSON object.")]
    kind = body.get("type")
    if kind is None:
        return [InvalidParam("type", "required", "Parameter is verplicht.")]
    if kind != TYPE:
        return [InvalidParam("type", "value", "Waarde is geen geldig zoek type.")]
    faulty = [
        *_list_faults("burgerservicenummer", body, _MOST_BSNS),
        *_list_faults("fields", body, _MOST_FIELDS),
        *(
            InvalidParam(_printable(name), "unknownParam", "Parameter is niet verwacht.")
            for name in body
            if name not in ("type", "burgerservicenummer", "fields")
        ),
    ]
    if faulty:
        # Missing parameters are a problem of their own in the register, told before any other.
        return [param for param in faulty if param.code == "required"] or faulty
    bsns, fields = body["burgerservicenummer"], body["fields"]
    faulty = [
        InvalidParam(f"burgerservicenummer[{place}]", "pattern", "Waarde voldoet niet aan patroon ^[0-9]{9}$.")
        for place, bsn in enumerate(bsns)
        if not isinstance(bsn, str) or not _BSN.fullmatch(bsn)
    ]
    faulty += [
        InvalidParam(f"fields[{place}]", "fields", "Parameter bevat een niet bestaande veldnaam.")
        for place, path in enumerate(fields)
        if not isinstance(path, str) or path not in _FIELDS
    ]
    return faulty or Query(tuple(dict.fromkeys(bsns)), tuple(dict.fromkeys(_FIELDS[path] for path in fields)))


def _list_faults(name: str, body: Mapping[str, Any], most: int) -> list[InvalidParam]:
    if name not in body:
        return [InvalidParam(name, "required", "Parameter is verplicht.")]
    value = body[name]
    if not isinstance(value, list):
        return [InvalidParam(name, "array", "Parameter is geen array.")]
    if not value:
        return [InvalidParam(name, "minItems", "Array bevat minder dan 1 items.")]
    if len(value) > most:
        return [InvalidParam(name, "maxItems", f"Array bevat meer dan {most} items.")]
    return []


def _printable(name: str) -> str:
    """A parameter's name as it may be repeated: a caller could put anything there, even a BSN."""
    return name if re.fullmatch(r"[A-Za-z]{1,40}", name) else "?"
