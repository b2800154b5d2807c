"""A daughter asks her father by letter, who has no DigiD: two letters, two codes, and he stops her with the second."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import requests
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.letters import GERRIT, birth_dates, code_in
from tests.support.person import ANNEKE, GERRIT_WITHOUT
from tests.support.town import Town
from tests.support.visitor import Hands, NewVisitor, Visitor
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.age import BirthDate

pytestmark = pytest.mark.journey

Post = Callable[[], str]


@pytest.fixture
def code_by_post(backroom: Backroom, vad_town: Town) -> Iterator[Post]:
    """Give what reads the code of the last letter to him. Nothing is left behind."""
    upkeep = create_upkeep(vad_town.settings)[0]

    def deliver() -> str:
        while upkeep.deliver(datetime.now(UTC)).taken:
            pass
        items = requests.get(f"{vad_town.address('post')}/items", timeout=10).json()
        return code_in(next(item for item in items if item["kind"] == "letter" and "G. Smit" in item["to"]))

    def nothing() -> None:
        backroom.ask("DELETE FROM outbox; DELETE FROM notices")
        backroom.forget_mandates()
        backroom.forget_consents()

    nothing()
    yield deliver
    nothing()


def write(visitor: Visitor, birth: BirthDate, **fields: str) -> None:
    """Type into fields, and a birth date."""
    days = {"birth-day": str(birth.day), "birth-month": str(birth.month), "birth-year": str(birth.year)}
    for identifier, text in (fields | days).items():
        visitor.page.fill(f"#{identifier}", text)


def ask(visitor: Visitor, *, each: bool = False) -> None:
    """Ask for the letter, from the page of asking. `each`: let every page pass the gate."""
    visitor.open(f"{visitor.town.issuer}/mijn/machtiging-vragen")
    visitor.log_in(ANNEKE)
    visitor.sees("Vraag iemand om u te machtigen")
    visitor.press("#by-letter")
    visitor.sees("Vraag het iemand per brief")
    if each:
        gate(visitor, "mandate-letter")
        visitor.page.fill("#label", "mijn vader")
        visitor.press("#continue")
        gate(visitor, "mandate-letter-missing", english=False)
    write(visitor, birth_dates()[GERRIT_WITHOUT], label="mijn vader", bsn=GERRIT_WITHOUT)
    visitor.press("#continue")
    visitor.choose("#kind-1")
    visitor.choose("#app-every")
    visitor.press("#continue")
    visitor.choose("#term-6")
    visitor.press("#continue")
    if each:
        gate(visitor, "mandate-letter-check")
    visitor.press("#make")
    visitor.sees("We hebben uw vraag ontvangen")


@pytest.mark.parametrize("hands", [Hands.MOUSE, Hands.KEYBOARD])
def test_the_whole_story_without_a_script(new_visitor: NewVisitor, code_by_post: Post, hands: Hands) -> None:
    """From the question to the app, and to the stop, by somebody who has never logged in."""
    born = birth_dates()[GERRIT_WITHOUT]
    daughter, father = new_visitor(scripts=False), new_visitor(scripts=False)
    ask(daughter.with_hands(hands))
    daughter.open(f"{daughter.town.issuer}/mijn/machtigingen/code")
    write(daughter, born, code=code_by_post())
    daughter.with_hands(hands).press("#continue")
    expect(daughter.page.get_by_role("alert")).to_contain_text("De code klopt.")
    stop_code = code_by_post()
    daughter.open(daughter.town.address("pgo"))
    daughter.press("#login")
    daughter.goes_on("#represented-1")
    expect(daughter.page.locator("label[for=represented-1]")).to_contain_text(GERRIT)
    father.open(f"{father.town.issuer}/hulp")
    father.with_hands(hands).press("a[href$='/machtiging-stoppen']")
    write(father, born, code=stop_code)
    father.with_hands(hands).press("#stop")
    father.sees("De machtiging is gestopt.")
    daughter.open(f"{daughter.town.issuer}/mijn/machtigingen/gekregen")
    expect(daughter.page.locator("main")).to_contain_text("Gestopt")


def test_the_pages_of_a_letter(new_visitor: NewVisitor, code_by_post: Post) -> None:
    """Each page on the way passes everything that a page must."""
    born = birth_dates()[GERRIT_WITHOUT]
    daughter, father = new_visitor(), new_visitor()
    ask(daughter, each=True)
    gate(daughter, "mandate-letter-asked", english=False)
    daughter.open(f"{daughter.town.issuer}/mijn/machtigingen/code")
    write(daughter, born, code=code_by_post())
    daughter.press("#continue")
    stop_code = code_by_post()
    father.open(f"{father.town.issuer}/machtiging-stoppen")
    gate(father, "mandate-stop-code")
    write(father, BirthDate(1950, 1, 1), code=stop_code)
    father.press("#stop")
    gate(father, "mandate-stop-code-wrong", english=False)
    write(father, born, code=stop_code)
    father.press("#stop")
    gate(father, "mandate-stop-code-done", english=False)
