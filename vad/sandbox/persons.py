"""The test persons of the neighbourhood: fictional people that the mock DigiD, BRP and data sources share.

They are read from TOML files. Ages are written relative to today, so that a demo never grows old.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from stdnum.nl import bsn as stdnum_bsn

from vad.domain.standard_claims import NAMES
from vad.sandbox import parental_authority
from vad.sandbox.birth_dates import BirthDate, birth_date, whole

_GENDERS = ("M", "V", "O")
_KEYS = {
    *("bsn", "voornamen", "voorvoegsel", "geslachtsnaam", "geslacht"),
    *("birth", "age", "turns", "deceased_days_ago", "story", "curatele", "gezag", "digid", "claims"),
}


class PersonsError(ValueError):
    """A file of test persons cannot be used; the message is one line and holds no BSN."""


def is_bsn(text: str) -> bool:
    """Tell whether `text` is nine digits that pass the 11-proof and are not all zeros (rule 31)."""
    return len(text) == 9 and text.isascii() and text.isdigit() and bool(stdnum_bsn.is_valid(text))  # noqa: PLR2004


@dataclass(frozen=True)
class Person:
    """One test person, with the dates of the day on which the file was read."""

    bsn: str = field(repr=False)
    voornamen: str
    geslachtsnaam: str
    birth: BirthDate
    voorvoegsel: str = ""
    geslacht: str = "O"
    deceased_on: date | None = None
    curatele: bool = False
    gezag: tuple[Mapping[str, Any], ...] = ()
    """Who holds authority over this person, as `vad.sandbox.parental_authority` writes it."""
    digid: bool = True
    """Whether this person has a DigiD."""
    claims: Mapping[str, Any] = field(default_factory=dict)
    """What OpenID Connect has claims for and the BRP does not tell, by their names (OIDC Core section 5.1)."""
    story_nl: str = ""
    story_en: str = ""

    @property
    def full_name(self) -> str:
        """First names, prefix and family name, as the BRP's `volledigeNaam`."""
        return " ".join(part for part in (self.voornamen, self.voorvoegsel, self.geslachtsnaam) if part)

    @property
    def initials(self) -> str:
        """The first letter of every first name, each with a full stop, as the BRP's `voorletters`."""
        return "".join(f"{name[0]}." for name in self.voornamen.split())

    @property
    def standard_claims(self) -> dict[str, Any]:
        """This person as OpenID Connect tells of people (OIDC Core section 5.1)."""
        gender = {"gender": {"M": "male", "V": "female"}.get(self.geslacht, "")}
        birth = {"birthdate": str(self.birth)} if self.birth.full else {}
        family = " ".join(part for part in (self.voorvoegsel, self.geslachtsnaam) if part)
        names = {"name": self.full_name, "given_name": self.voornamen, "family_name": family}
        return {name: value for name, value in (names | gender | birth).items() if value} | dict(self.claims)

    def age_on(self, today: date) -> int | None:
        """Age in whole years; None where it is not certain, and for the deceased, as the BRP does."""
        return None if self.deceased_on else self.birth.age_on(today)

    def to_json(self) -> dict[str, Any]:
        """Return the person as plain JSON values, for a program's configuration file."""
        deceased = self.deceased_on.isoformat() if self.deceased_on else None
        return self.__dict__ | {"birth": str(self.birth), "deceased_on": deceased}

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Person":
        """Read what `to_json` wrote; raises `PersonsError` when it is something else."""
        try:
            person = Person(**raw)
            deceased = date.fromisoformat(raw["deceased_on"]) if raw.get("deceased_on") else None
            gezag = parental_authority.checked(person.gezag)
            return checked(replace(person, birth=BirthDate.parse(str(person.birth)), deceased_on=deceased, gezag=gezag))
        except PersonsError:
            raise
        except (KeyError, TypeError, ValueError):
            raise PersonsError("a person in the configuration lacks a field, or has one too many") from None


def load_persons(paths: Iterable[Path], today: date) -> tuple[Person, ...]:
    """Read the `[[persons]]` of all files; a person in a later file replaces the one with the same BSN in an earlier.

    `today` is the date in Europe/Amsterdam from which relative ages are counted. Raises `PersonsError`.
    """
    persons: dict[str, Person] = {}
    for path in paths:
        persons |= _load(path, today)
    return tuple(persons.values())


def _load(path: Path, today: date) -> dict[str, Person]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise PersonsError(f"{path}: cannot be read: {reason}") from None
    tables = content.get("persons")
    if set(content) != {"persons"} or not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        raise PersonsError(f"{path}: expected [[persons]] tables and nothing else")
    persons: dict[str, Person] = {}
    for number, table in enumerate(tables, start=1):
        try:
            person = _person(table, today)
        except ValueError as error:
            raise PersonsError(f"{path}: person {number}: {error}") from None
        if person.bsn in persons:
            raise PersonsError(f"{path}: person {number}: the same bsn stands higher up in this file")
        persons[person.bsn] = person
    return persons


def _person(table: Mapping[str, Any], today: date) -> Person:
    if unknown := sorted(set(table) - _KEYS):
        raise PersonsError(f"unknown key {unknown[0]}")
    story = table.get("story", {})
    if not isinstance(story, dict) or set(story) != {"nl", "en"}:
        raise PersonsError('story must be a table {nl = "…", en = "…"}')
    days = table.get("deceased_days_ago")
    return checked(
        Person(
            bsn=table.get("bsn", ""),
            voornamen=table.get("voornamen", ""),
            voorvoegsel=table.get("voorvoegsel", ""),
            geslachtsnaam=table.get("geslachtsnaam", ""),
            geslacht=table.get("geslacht", "O"),
            birth=birth_date(table, today),
            curatele=table.get("curatele", False),
            digid=table.get("digid", True),
            claims=table.get("claims", {}),
            gezag=parental_authority.checked(table.get("gezag", [])),
            deceased_on=None if days is None else today - timedelta(whole(days, "deceased_days_ago", 0, 36500)),
            story_nl=story["nl"],
            story_en=story["en"],
        )
    )


def checked(person: Person) -> Person:
    """The person, if it is one that the sandbox takes. Raises `PersonsError` with one line."""
    texts = ("bsn", "voornamen", "voorvoegsel", "geslachtsnaam", "geslacht", "story_nl", "story_en")
    for name in texts:
        value = getattr(person, name)
        if not isinstance(value, str) or "\n" in value:
            raise PersonsError(f"{name} must be one line of text")
    if not is_bsn(person.bsn) or not person.bsn.startswith("999"):
        raise PersonsError("bsn must be nine digits that pass the 11-proof and start with 999")
    if not person.geslachtsnaam:
        raise PersonsError("geslachtsnaam is missing")
    if not isinstance(person.curatele, bool):
        raise PersonsError("curatele must be true or false")
    if not isinstance(person.claims, dict) or not set(person.claims) <= set(NAMES):
        raise PersonsError("claims must be a table of standard claims of OpenID Connect")
    if not isinstance(person.digid, bool):
        raise PersonsError("digid must be true or false")
    if person.geslacht not in _GENDERS:
        raise PersonsError(f"geslacht must be one of {', '.join(_GENDERS)}")
    return person
