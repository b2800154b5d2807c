"""A daughter who asks by letter, and the post of her father, who has no DigiD."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import requests

from tests.support.backroom import Backroom
from tests.support.mandate_pages import at_home, day, tick
from tests.support.person import ANNEKE, GERRIT_WITHOUT, Person
from tests.support.town import Town
from vad.domain.age import AMSTERDAM, BirthDate
from vad.sandbox.demo.browser import Page
from vad.sandbox.demo.configuration import PROJECT
from vad.sandbox.persons import load_persons
from vad.services.upkeep import Upkeep

GERRIT = "Gerrit Smit"
CODE = re.compile(r"^[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{2}$", re.MULTILINE)
NO_MATCH = "Deze code en geboortedatum horen niet bij elkaar. Controleer beide."
_WHOLE = 3


def birth_dates() -> dict[str, BirthDate]:
    """When the people of the demo were born, of whom that is known."""
    listed = load_persons([PROJECT / "config" / "demo" / "persons.toml"], datetime.now(AMSTERDAM).date())
    parts = {each.bsn: str(each.birth).split("-") for each in listed}
    return {bsn: BirthDate(*map(int, known)) for bsn, known in parts.items() if len(known) == _WHOLE}


@dataclass
class Letters:
    """A daughter at VAD's pages, and the post of her father."""

    daughter: Person
    backroom: Backroom
    town: Town
    worker: Upkeep
    born: dict[str, BirthDate]
    before: int = 0

    def ask(self, bsn: str = GERRIT_WITHOUT, birth: BirthDate | None = None) -> Page:
        """Fill in every step, and send it."""
        self.fill_in(bsn, birth or self.born.get(bsn, BirthDate(1950, 1, 1)))
        return self.daughter.press("make")

    def fill_in(self, bsn: str, birth: BirthDate) -> Page:
        """Fill in every step, up to the page on which everything stands once more."""
        at_home(self.daughter, ANNEKE, "/mijn/machtiging-per-brief/wie")
        self.daughter.press("continue", {"label": "mijn vader", "bsn": bsn, **day("birth", birth)})
        self.daughter.press("continue", tick(self.daughter, "48", "51", "*"))
        return self.daughter.press("continue", {"term-12": True})

    def deliver(self) -> list[dict[str, Any]]:
        """Let the worker work until nothing is left to do; returns the letters that came to him of it."""
        while self.worker.deliver(datetime.now(UTC)).taken:
            pass
        items = requests.get(f"{self.town.address('post')}/items", timeout=10).json()
        his = [item for item in items if item["kind"] == "letter" and "G. Smit" in item["to"]]
        new = [item for item in his if item["number"] > self.before]
        self.before = max((item["number"] for item in items), default=self.before)
        return new

    def code(self) -> str:
        """The code of the one letter that comes now."""
        (letter,) = self.deliver()
        return code_in(letter)

    def bring(self, code: str, birth: BirthDate | None = None, *, by: Person | None = None, bsn: str = ANNEKE) -> Page:
        """Fill in the code with his date of birth."""
        person = by or self.daughter
        at_home(person, bsn, "/mijn/machtigingen/code")
        return person.press("continue", {"code": code, **day("birth", birth or self.born[GERRIT_WITHOUT])})

    def given(self) -> str:
        """Let him give it, all the way; returns the stop code."""
        self.ask()
        self.bring(self.code())
        return self.code()

    def states(self) -> list[str]:
        """The states of all mandates."""
        return [state for (state,) in self.backroom.ask("SELECT state FROM mandates ORDER BY made_at")]


def code_in(letter: dict[str, Any]) -> str:
    """The code that a letter shows, in both languages."""
    (code,) = set(CODE.findall(letter["text"]))
    return str(code)


def stop(person: Person, code: str, birth: BirthDate) -> Page:
    """Fill in a stop code; nobody is logged in."""
    person.open(f"{person.town.issuer}/machtiging-stoppen")
    return person.press("stop", {"code": code, **day("birth", birth)})
