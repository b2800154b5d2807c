"""Two people at the pages of mandates: one gives, the other takes; by hand, page after page."""

import re
from collections.abc import Mapping
from typing import Any

from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import Asked, RelyingParty
from vad.domain.age import BirthDate
from vad.sandbox.demo.browser import Page

CODE = re.compile(r'id="mandate-code">([^<]+)<')


def at_home(person: Person, bsn: str, path: str = "/mijn/machtigingen") -> Page:
    """Open one of VAD's own pages, logging in where that is asked."""
    page = person.open(f"{person.town.issuer}{path}")
    if "login-submit" in page.elements:
        person.log_in(bsn)
        page = person.open(f"{person.town.issuer}{path}")
    return page


def tick(person: Person, *values: str) -> dict[str, str | bool]:
    """The boxes of the page that have these values, ticked."""
    boxes = {field.value: field.identifier for form in person.page.forms for field in form.fields if field.identifier}
    return {boxes[value]: True for value in values}


def fill_in(
    person: Person,
    bsn: str,
    *services: str,
    where: str = "machtigen",
    label: str = "mijn hulp",
    apps: tuple[str, ...] = ("*",),
    term: Mapping[str, str | bool] | None = None,
) -> Page:
    """Answer every step, up to the page on which everything stands once more."""
    at_home(person, bsn, f"/mijn/{where}/wie")
    person.press("continue", {"label": label})
    person.press("continue", tick(person, *services, *apps))
    return person.press("continue", term or {"term-12": True})


def code_on(page: Page) -> str:
    """The code that the page shows this one time."""
    found = CODE.search(page.text)
    assert found, page.text
    return found[1]


def offered(person: Person, bsn: str, *services: str, **more: Any) -> str:
    """Make an offer, or a request; returns its code."""
    fill_in(person, bsn, *services, **more)
    return code_on(person.press("make"))


def bring(person: Person, bsn: str, code: str, birth: BirthDate) -> Page:
    """Fill in a code with the birth date of whom it is from."""
    at_home(person, bsn, "/mijn/machtigingen/code")
    return person.press("continue", {"code": code, **day("birth", birth)})


def day(prefix: str, born: BirthDate) -> dict[str, str | bool]:
    """The three fields of a day."""
    return {f"{prefix}-day": str(born.day), f"{prefix}-month": str(born.month), f"{prefix}-year": str(born.year)}


def born(backroom: Backroom, bsn: str) -> BirthDate:
    """When somebody who has logged in was born."""
    evidence = backroom.evidence(bsn)
    assert evidence is not None
    return evidence.birth


def authorised(
    grantor: tuple[Person, str], helper: tuple[Person, str], backroom: Backroom, *services: str, **more: Any
) -> None:
    """Let one person authorise another, all the way."""
    code = offered(grantor[0], grantor[1], *services, **more)
    bring(*helper, code, born(backroom, grantor[1]))
    page = helper[0].press("accept")
    assert "U kunt nu gegevens bekijken" in page.text, page.text


def log_in_for(rp: RelyingParty, person: Person, bsn: str, name: str, asked: Asked) -> Page:
    """Log in at the app and choose this person, up to the page that says why that is allowed (P4)."""
    page = person.open(asked.url)
    if "login-submit" in page.elements:
        page = person.log_in(bsn)
    if "continue" in page.elements and "represented-continue" not in page.elements:
        page = person.press("continue")
    labels = re.findall(r'<label[^>]*for="(represented-[0-9]+)"[^>]*>\s*([^<]+?)\s*<', page.text)
    assert name in {label for _, label in labels}, (rp.client_id, page.text)
    radio = {label: identifier for identifier, label in labels}[name]
    return person.press("represented-continue", {radio: True})
