"""What the BRP answers, read strictly: anything that is not exactly understood is refused, never guessed.

Source: BRP-API/Haal-Centraal-BRP-bevragen, `specificatie` and `features`. Members that have no value are left out.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from vad.domain.age import BirthDate
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import Bsn
from vad.services.ports.volatile import PersonName

QUERY = "RaadpleegMetBurgerservicenummer"
_DECEASED = "O"
_REMOVED = frozenset({"F", "W"})
"""Reasons of suspension that say that the record should not have been there: entered by mistake, or erased."""
_FULL_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME_PARTS = ("voornamen", "voorvoegsel", "geslachtsnaam")
_APART = ("voornamen", "voorletters", "voorvoegsel", "geslachtsnaam")
_LONGEST_NAME = 450


def the_person(answer: Any, bsn: Bsn) -> Mapping[str, Any] | None:
    """The person in the answer, None when there is none. Raises `RegisterUnavailableError` when it is anybody else."""
    persons = answer.get("personen") if isinstance(answer, dict) and answer.get("type") == QUERY else None
    if not isinstance(persons, list) or not all(isinstance(person, dict) for person in persons):
        raise _unreadable("not an answer to the question")
    if not persons:
        return None
    person: dict[str, Any] = persons[0]
    if len(persons) > 1 or person.get("burgerservicenummer") != bsn.reveal():
        raise _unreadable("another person")
    return None if _suspension(person) in _REMOVED else person


def deceased(person: Mapping[str, Any]) -> bool:
    """Whether the person has died: known by the death itself, or by the reason why the record is no longer kept.

    The reason is given unasked for everybody who has died, also where nothing else is known of the death.
    """
    if not isinstance(person.get("overlijden", {}), dict):
        raise _unreadable("a death of another shape")
    return "overlijden" in person or _suspension(person) == _DECEASED


def birth(person: Mapping[str, Any]) -> BirthDate:
    """The date of birth as far as it is known."""
    born = person.get("geboorte")
    value = born.get("datum") if isinstance(born, dict) else None
    if not isinstance(born, dict) or not isinstance(value, dict):
        raise _unreadable("no date of birth")
    return _date(value)


def doubtful(person: Mapping[str, Any]) -> bool:
    """Whether the date of birth is being investigated (`inOnderzoek`)."""
    born = person.get("geboorte")
    investigation = born.get("inOnderzoek", {}) if isinstance(born, dict) else None
    doubted = investigation.get("datum", False) if isinstance(investigation, dict) else None
    if not isinstance(doubted, bool):
        raise _unreadable("an investigation of another shape")
    return doubted


def curatele(person: Mapping[str, Any]) -> bool:
    """Whether a court has placed the person under guardianship; left out where not (`indicatieCurateleRegister`)."""
    indicated = person.get("indicatieCurateleRegister", False)
    if not isinstance(indicated, bool):
        raise _unreadable("an indication of another shape")
    return indicated


def name(person: Mapping[str, Any]) -> PersonName:
    """The name, whole and in parts; a part that the register does not give is empty."""
    whole, parts = full_name(person), person["naam"]
    given = (_name_text(parts[part]) if part in parts else "" for part in _APART)
    return PersonName(whole, *given)


def full_name(person: Mapping[str, Any]) -> str:
    """The name as one text: `volledigeNaam`, or else put together from its parts."""
    name = person.get("naam")
    if not isinstance(name, dict):
        raise _unreadable("no name")
    if "volledigeNaam" in name:
        return _name_text(name["volledigeNaam"])
    return _name_text(" ".join(_name_text(name[part]) for part in _NAME_PARTS if part in name))


def _date(value: Mapping[str, Any]) -> BirthDate:
    """One of the four shapes of a date (`AbstractDatum`)."""
    known = None
    try:
        known = _known_parts(value)
    except ValueError:
        known = None
    if known is None:
        # Outside the handler: the parser's own words repeat the date.
        raise _unreadable("a date of another shape")
    return known


def _known_parts(value: Mapping[str, Any]) -> BirthDate | None:
    """The date, None for another shape; raises `ValueError` for a day that the calendar does not have."""
    day, year, month = value.get("datum"), value.get("jaar"), value.get("maand")
    match value.get("type"):
        case "Datum" if isinstance(day, str) and _FULL_DATE.fullmatch(day):
            whole = date.fromisoformat(day)
            return BirthDate(whole.year, whole.month, whole.day)
        case "JaarMaandDatum" if type(year) is int and type(month) is int:
            return BirthDate(year, month)
        case "JaarDatum" if type(year) is int:
            return BirthDate(year)
        case "DatumOnbekend" if value.get("onbekend") is True:
            return BirthDate()
    return None


def _suspension(person: Mapping[str, Any]) -> str | None:
    """The code of the reason why the record is no longer kept; None while it is."""
    if "opschortingBijhouding" not in person:
        return None
    suspension = person["opschortingBijhouding"]
    reason = suspension.get("reden") if isinstance(suspension, dict) else None
    code = reason.get("code") if isinstance(reason, dict) else None
    if not isinstance(code, str):
        raise _unreadable("a suspension of another shape")
    return code


def _name_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_NAME or not value.isprintable():
        raise _unreadable("a name of another shape")
    return " ".join(value.split())


def _unreadable(what: str) -> RegisterUnavailableError:
    """Says what was wrong, never what was there: that is about a person."""
    return RegisterUnavailableError(f"brp: {what}")
