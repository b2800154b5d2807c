"""Parental authority over test persons: as a file writes it down, and as the mock BRP tells it (`gezag`).

In a file it stands with the child, under the register's own names, and names adults by their BSN:

    [[persons.gezag]]
    type = "GezamenlijkOuderlijkGezag"
    ouders = ["999991772", "999990019"]

`derde` is a BSN, or "onbekend"; an institution as guardian is `derden = []`; `inOnderzoek = true` may stand with any.
"""

from collections.abc import Iterable, Mapping
from typing import Any

_MEMBERS: Mapping[str, frozenset[str]] = {
    "GezamenlijkOuderlijkGezag": frozenset({"ouders"}),
    "EenhoofdigOuderlijkGezag": frozenset({"ouder"}),
    "GezamenlijkGezag": frozenset({"ouder", "derde"}),
    "Voogdij": frozenset({"derden"}),
    "TijdelijkGeenGezag": frozenset({"toelichting"}),
    "GezagNietTeBepalen": frozenset({"toelichting"}),
}
_FIRST_NAMES = {"GezamenlijkOuderlijkGezag": "TweehoofdigOuderlijkGezag"}
"""How version 1 called what has another name since."""
UNKNOWN = "onbekend"
NO_BSN = ""
"""A parent whom the register does not know by a number."""


def checked(elements: Any) -> tuple[Mapping[str, Any], ...]:
    """The elements as they stand in a file or a configuration. Raises `ValueError` with one line."""
    if not isinstance(elements, list | tuple) or not all(isinstance(each, dict) for each in elements):
        raise ValueError("gezag must be [[persons.gezag]] tables")
    return tuple(map(_checked, elements))


def adults(element: Mapping[str, Any]) -> tuple[str, ...]:
    """The BSNs of those whom an element names."""
    named = [*element.get("ouders", ()), *element.get("derden", ())]
    named += [element[member] for member in ("ouder", "derde") if member in element]
    return tuple(bsn for bsn in named if bsn not in (NO_BSN, UNKNOWN))


def answer(
    element: Mapping[str, Any], minor: Mapping[str, Any], people: Mapping[str, Any], version: str
) -> dict[str, Any]:
    """The element as the register tells it; `people` are the members that it tells of each person, by BSN."""
    kind = element["type"]
    told: dict[str, Any] = {"type": kind if version == "2" else _FIRST_NAMES.get(kind, kind), "minderjarige": minor}
    if "ouders" in element:
        told["ouders"] = [_told(bsn, people) for bsn in element["ouders"]]
    if "ouder" in element:
        told["ouder"] = _told(element["ouder"], people)
    if "derden" in element:
        told["derden"] = [_third(bsn, people) for bsn in element["derden"]]
    if "derde" in element:
        told["derde"] = _third(element["derde"], people)
    told |= {member: element[member] for member in ("toelichting",) if member in element}
    return told | ({"inOnderzoek": True} if element.get("inOnderzoek") else {})


def _third(bsn: str, people: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "OnbekendeDerde"} if bsn == UNKNOWN else {"type": "BekendeDerde"} | _told(bsn, people)


def _told(bsn: str, people: Mapping[str, Any]) -> dict[str, Any]:
    return dict(people.get(bsn, {"burgerservicenummer": bsn} if bsn else {}))


def _checked(element: Mapping[str, Any]) -> Mapping[str, Any]:
    members = _MEMBERS.get(element.get("type", ""))
    if members is None:
        raise ValueError("gezag.type must be one of " + ", ".join(_MEMBERS))
    if unknown := sorted(set(element) - members - {"type", "inOnderzoek"}):
        raise ValueError(f"gezag has no {unknown[0]} in {element['type']}")
    for member in ("ouders", "derden"):
        _texts(member, element.get(member, []))
    _texts("ouder, derde and toelichting", [element.get(m, "") for m in ("ouder", "derde", "toelichting")])
    if not isinstance(element.get("inOnderzoek", False), bool):
        raise ValueError("gezag.inOnderzoek must be true or false")  # noqa: TRY004 - what a file says is a value
    return dict(element)


def _texts(name: str, values: Any) -> None:
    if not isinstance(values, Iterable) or isinstance(values, str) or not all(isinstance(each, str) for each in values):
        raise ValueError(f"gezag.{name} must be text")
