"""Takes the pictures in `docs/images`: `python -m pytest tests/journeys/screenshots.py`. No part of a normal run."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from tests.journeys.small_png import drawn, smaller
from tests.journeys.test_journey_staff_requests import log_in
from tests.support.backroom import Backroom
from tests.support.documents import PROJECT
from tests.support.letters import birth_dates, code_in
from tests.support.mandate_pages import born
from tests.support.pdf import picture_of, qr_codes
from tests.support.person import ANNEKE, FROUKE, GERRIT_WITHOUT, HENDRIK, IRIS, LOTTE_14, SAMIRA
from tests.support.town import Town
from tests.support.visitor import NewVisitor, Visitor
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.age import AMSTERDAM
from vad.sandbox.demo.history import Cast, seed
from vad.sandbox.persons import load_persons

IMAGES = Path(__file__).parents[2] / "docs" / "images"
WIDTH = 1000
"""CSS pixels."""
LARGEST = 120_000
"""Bytes."""


def test_take_screenshots(visitor: Visitor) -> None:
    """Walk the main journey, and take a picture of each page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    issuer = visitor.town.issuer
    visitor.open(visitor.town.address("pgo"))
    take(visitor, "1-pgo-home")
    visitor.press("#login")
    visitor.sees("Inloggen bij Mijn Zorgmap")
    take(visitor, "2-login")
    visitor.press("#login-submit")
    visitor.sees("Inloggen als testpersoon")
    visitor.choose(f"#person-{FROUKE}")
    take(visitor, "3-mock-digid")
    visitor.press("#login-submit")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    take(visitor, "4-consent")
    visitor.consent(1, 2, 3)
    visitor.sees("Mijn gegevens")
    take(visitor, "5-pgo-data")
    visitor.open(f"{issuer}/mijn/activiteit")
    visitor.sees("Wie heeft mijn gegevens bekeken?")
    take(visitor, "6-activity")
    visitor.open(f"{issuer}/mijn/toestemmingen")
    visitor.sees("Toestemmingen voor apps")
    take(visitor, "7-given-consents")
    visitor.press("#logout")
    visitor.sees("U bent uitgelogd")
    take(visitor, "8-logged-out")
    visitor.open(f"{issuer}/authorize?client_id=onbekend")
    visitor.sees("Deze app is niet goed ingesteld")
    take(visitor, "9-error")


def test_take_screenshots_of_a_login_that_ends(new_visitor: NewVisitor, backroom: Backroom) -> None:
    """My sessions, a second app, the warning before the login ends by time, and what one reads afterwards."""
    elsewhere, visitor = new_visitor(), new_visitor()
    elsewhere.start()
    elsewhere.log_in(FROUKE)
    visitor.page.clock.install()
    visitor.open(f"{visitor.town.issuer}/mijn/sessies")
    visitor.log_in(FROUKE)
    visitor.sees("Waar ben ik ingelogd?")
    take(visitor, "10-sessions")
    visitor.start()
    visitor.sees("Doorgaan naar Mijn Zorgmap?")
    take(visitor, "14-second-app")
    visitor.press("#continue")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    visitor.choose("#source-1")
    visitor.choose("#duration-once")
    visitor.page.clock.fast_forward(13 * 60_000)
    visitor.page.wait_for_selector("#timeout[open]")
    take(visitor, "11-nearly-logged-out", whole=False)
    (cookie,) = (each for each in visitor.page.context.cookies() if each.get("name") == "vad_session")
    backroom.make_idle(cookie.get("value", ""))
    visitor.page.clock.fast_forward(2 * 60_000)
    visitor.sees("Inloggen bij Mijn Zorgmap")
    take(visitor, "12-logged-out-by-time")
    visitor.log_in(FROUKE)
    visitor.page.wait_for_selector("#source-1:checked")
    take(visitor, "13-answers-kept")


def test_take_screenshots_of_a_parent(visitor: Visitor, backroom: Backroom) -> None:
    """For whom, and the child's data in the app."""
    backroom.forget_minors()
    visitor.start()
    visitor.log_in(IRIS)
    visitor.sees("Voor wie wilt u gegevens bekijken?")
    visitor.page.get_by_label("Mijn kind: Sem Bos").check()
    take(visitor, "15-whose-data")
    visitor.press("#represented-continue")
    visitor.press("#acting-continue")
    visitor.consent(1, 3)
    visitor.sees("Gegevens van Sem Bos")
    take(visitor, "16-data-of-a-child")


def test_take_screenshots_of_a_young_person(visitor: Visitor, backroom: Backroom) -> None:
    """What a parent may see, on the young person's own page."""
    backroom.forget_assents()
    visitor.open(f"{visitor.town.issuer}/mijn/ouders")
    visitor.log_in(LOTTE_14)
    visitor.press("#allow-1")
    visitor.choose("#kind-1")
    visitor.press("#assents-continue")
    visitor.press("#assents-confirm")
    visitor.sees("Wat mogen uw ouders bekijken?")
    take(visitor, "17-what-parents-may-view")
    backroom.forget_assents()


def test_take_screenshots_of_a_mandate(new_visitor: NewVisitor, backroom: Backroom) -> None:
    """From the offer to its proof."""
    backroom.forget_mandates()
    father, daughter = new_visitor(), new_visitor()
    father.open(f"{father.town.issuer}/mijn/machtigen/wie")
    father.log_in(HENDRIK)
    father.page.fill("#label", "Samira")
    father.press("#continue")
    father.choose("#kind-1")
    father.choose("#app-every")
    father.press("#continue")
    father.choose("#term-12")
    father.press("#continue")
    father.sees("Controleer uw machtiging")
    take(father, "18-check-the-authorisation")
    father.press("#make")
    take(father, "19-code-for-samira")
    code = father.page.locator("#mandate-code").inner_text()
    daughter.open(f"{daughter.town.issuer}/mijn/machtigingen/code")
    daughter.log_in(SAMIRA)
    day = born(backroom, HENDRIK)
    for field, text in {"code": code, "birth-day": day.day, "birth-month": day.month, "birth-year": day.year}.items():
        daughter.page.fill(f"#{field}", str(text))
    daughter.press("#continue")
    daughter.sees("Wilt u gegevens bekijken voor Hendrik Johannes van der Linden?")
    take(daughter, "20-see-data-for-hendrik")
    daughter.press("#accept")
    father.open(f"{father.town.issuer}/mijn/machtigingen/gegeven")
    take(father, "21-who-may-see-my-data")
    with father.page.expect_download() as begun:
        father.page.click("#proof-1")
    proof = begun.value.path().read_bytes()
    keep("22-proof-of-authorisation", drawn(picture_of(proof)))
    stranger = new_visitor()
    stranger.open(qr_codes(proof)[0])
    take(stranger, "23-authorisation-is-valid")
    backroom.forget_mandates()


def test_take_screenshots_of_a_letter(new_visitor: NewVisitor, vad_town: Town, backroom: Backroom) -> None:
    """Asking somebody without a DigiD, the letter with the stop code, and the page where it is used."""
    backroom.forget_mandates()
    birth = birth_dates()[GERRIT_WITHOUT]
    born_on = {"birth-day": birth.day, "birth-month": birth.month, "birth-year": birth.year}
    daughter, father = new_visitor(), new_visitor()
    daughter.open(f"{daughter.town.issuer}/mijn/machtiging-per-brief")
    daughter.log_in(ANNEKE)
    daughter.sees("Vraag het iemand per brief")
    fill(daughter, label="Gerrit Smit", bsn=GERRIT_WITHOUT, **born_on)
    take(daughter, "24-ask-by-letter")
    daughter.press("#continue")
    daughter.choose("#kind-1")
    daughter.choose("#app-every")
    daughter.press("#continue")
    daughter.choose("#term-12")
    daughter.press("#continue")
    daughter.press("#make")
    daughter.open(f"{daughter.town.issuer}/mijn/machtigingen/code")
    fill(daughter, code=code_in(delivered(vad_town)), **born_on)
    daughter.press("#continue")
    letter = delivered(vad_town)
    paper = requests.get(f"{vad_town.address('post')}/brief/{letter['number']}.pdf", timeout=10).content
    keep("25-letter-with-stop-code", drawn(picture_of(paper)))
    father.open(f"{father.town.issuer}/machtiging-stoppen")
    fill(father, code=code_in(letter), **born_on)
    take(father, "26-stop-with-a-code")
    backroom.forget_mandates()


def test_take_screenshots_of_staff(visitor: Visitor, backroom: Backroom) -> None:
    """An auditor over the demo's month of history: the overview, whom to look at, and what they did."""
    persons = load_persons([PROJECT / "config/demo/persons.toml"], datetime.now(AMSTERDAM).date())
    seed(backroom.foundation, Cast.of(persons, datetime.now(AMSTERDAM).date()), datetime.now(UTC))
    create_upkeep(visitor.town.settings)[0].tidy(datetime.now(UTC))
    log_in(visitor, "tom", "/")
    take(visitor, "28-staff-overview")
    visitor.open(f"{visitor.town.address('admin')}/signalen")
    take(visitor, "29-staff-signals", whole=False)
    visitor.page.locator("main a[href^='/logboek?']").first.click()
    visitor.page.locator("main table a[href^='/logboek/']").first.click()
    take(visitor, "30-staff-event")


def fill(visitor: Visitor, **fields: object) -> None:
    """Type into fields, by their ids."""
    for identifier, text in fields.items():
        visitor.page.fill(f"#{identifier}", str(text))


def delivered(town: Town) -> dict[str, Any]:
    """Let the worker work, and give the last letter to him."""
    upkeep = create_upkeep(town.settings)[0]
    while upkeep.deliver(datetime.now(UTC)).taken:
        pass
    items = requests.get(f"{town.address('post')}/items", timeout=10).json()
    return dict(next(item for item in items if item["kind"] == "letter" and "G. Smit" in item["to"]))


def take(visitor: Visitor, name: str, *, whole: bool = True) -> None:
    """Write one picture: of the whole page, whatever is in focus and however high it is, or of a window at its top."""
    visitor.page.set_viewport_size({"width": WIDTH, "height": 480 if whole else 720})
    visitor.page.evaluate("document.activeElement.blur()" if whole else "window.scrollTo(0, 0)")
    keep(name, smaller(visitor.page.screenshot(full_page=whole, animations="disabled")))


def keep(name: str, taken: bytes) -> None:
    """Write one picture, unless it is large."""
    assert len(taken) <= LARGEST, f"{name}.png has {len(taken)} bytes"
    (IMAGES / f"{name}.png").write_bytes(taken)
