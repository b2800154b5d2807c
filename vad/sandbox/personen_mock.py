"""Test persons from a file of the Haal Centraal personen-mock: a JSON array with all that the BRP tells of each.

Dates stand in it as the BRP keeps them (`JJJJMMDD`, with zeros for what is unknown), or as one of the objects with a
`datum`, a `jaar` or a `maand`. Authority is taken from the child's own entry, as the register does.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from vad.sandbox import parental_authority
from vad.sandbox.birth_dates import BirthDate
from vad.sandbox.persons import Person, PersonsError, checked, is_bsn

_NEVER_THERE = ("F", "W")
"""Reasons of suspension (`opschortingBijhouding`): entered by mistake, and wiped."""
_DIED = "O"
_NAMES_OF_2 = {"TweehoofdigOuderlijkGezag": "GezamenlijkOuderlijkGezag"}


def load(path: Path, today: date) -> tuple[Person, ...]:
    """The persons in a file. Raises `PersonsError` with one line.

    Left out is who has no number for tests (999…): the sandbox takes no other, so that nobody's own ever gets in. So is
    who was never there. None of them has a story, so the mock DigiD knows them and does not list them.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise PersonsError(f"{path}: cannot be read as JSON") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise PersonsError(f"{path}: expected one array of persons, as in the personen-mock of Haal Centraal")
    persons: dict[str, Person] = {}
    for number, entry in enumerate(entries, start=1):
        if not _usable(entry):
            continue
        try:
            person = _person(entry, today)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            what = str(error) if isinstance(error, PersonsError) else "it has another shape than expected"
            raise PersonsError(f"{path}: person {number}: {what}") from None
        persons[person.bsn] = person
    return tuple(persons.values())


def _usable(entry: Mapping[str, Any]) -> bool:
    bsn, suspended = entry.get("burgerservicenummer"), entry.get("opschortingBijhouding")
    reason = suspended.get("reden") if isinstance(suspended, dict) else None
    never_there = isinstance(reason, dict) and reason.get("code") in _NEVER_THERE
    return isinstance(bsn, str) and bsn.startswith("999") and is_bsn(bsn) and not never_there


def _person(entry: Mapping[str, Any], today: date) -> Person:
    name, bsn = entry.get("naam", {}), entry["burgerservicenummer"]
    return checked(
        Person(
            bsn=bsn,
            voornamen=name.get("voornamen", ""),
            voorvoegsel=name.get("voorvoegsel", ""),
            geslachtsnaam=name.get("geslachtsnaam") or ".",  # as the BRP writes it where there is none
            geslacht=entry.get("geslacht", {}).get("code", "O"),
            birth=_date(entry.get("geboorte", {}).get("datum")),
            curatele=entry.get("indicatieCurateleRegister", False),
            gezag=parental_authority.checked(
                [_authority(element) for element in entry.get("gezag", []) if _minor(element) in (None, bsn)]
            ),
            deceased_on=_died(entry, today),
        )
    )


def _died(entry: Mapping[str, Any], today: date) -> date | None:
    """The day of death; where it is known in part or not at all, the last that it can have been."""
    suspended = entry.get("opschortingBijhouding", {})
    if "overlijden" not in entry and suspended.get("reden", {}).get("code") != _DIED:
        return None
    known = _date(entry.get("overlijden", suspended).get("datum"))
    if known.year is None or known.year >= today.year:
        return known.full or today
    return known.full or date(known.year, 12, 31)


def _date(value: Any) -> BirthDate:
    """A date in any of the ways in which it may stand there."""
    if isinstance(value, dict):
        if "jaar" not in value:
            return _date(value.get("datum"))
        month = f"-{value['maand']:02}" if "maand" in value else ""
        return BirthDate.parse(f"{value['jaar']:04}{month}")
    digits = (value or "").replace("-", "")
    if not digits or int(digits[:4]) == 0:
        return BirthDate()
    known = [digits[:4], *(part for part in (digits[4:6], digits[6:8]) if part.strip("0"))]
    return BirthDate.parse("-".join(known))


def _minor(element: Mapping[str, Any]) -> str | None:
    bsn: str | None = element.get("minderjarige", {}).get("burgerservicenummer")
    return bsn


def _authority(element: Mapping[str, Any]) -> dict[str, Any]:
    """An element as our own files write it: adults by their numbers."""
    kind = element.get("type", "")
    written: dict[str, Any] = {"type": _NAMES_OF_2.get(kind, kind)}
    ways: Mapping[str, Callable[[Any], Any]] = {
        "ouders": lambda parents: [_adult(each) for each in parents],
        "ouder": _adult,
        "derde": _third,
        "derden": lambda others: [_third(each) for each in others],
        "toelichting": str,
        "inOnderzoek": bool,
    }
    written |= {member: way(element[member]) for member, way in ways.items() if member in element}
    return written


def _adult(named: Mapping[str, Any]) -> str:
    return str(named.get("burgerservicenummer", parental_authority.NO_BSN))


def _third(named: Mapping[str, Any]) -> str:
    return str(named.get("burgerservicenummer", parental_authority.UNKNOWN))
