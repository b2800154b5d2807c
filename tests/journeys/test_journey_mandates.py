"""A daughter helps her father: he authorises her, she sees his data in the app, he stops her; or she asks him first."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.mandate_pages import born
from tests.support.pdf import qr_codes, text_of
from tests.support.person import HENDRIK, SAMIRA
from tests.support.visitor import Hands, NewVisitor, Visitor
from vad.domain.age import BirthDate

pytestmark = pytest.mark.journey

HENDRIKS_NAME = "Hendrik Johannes van der Linden"


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nothing behind: one town serves every test."""
    backroom.forget_mandates()
    backroom.forget_consents()
    yield
    backroom.forget_mandates()
    backroom.forget_consents()


def at_home(visitor: Visitor, bsn: str, path: str = "/mijn/machtigingen") -> None:
    """Go to one of the person's own pages, through DigiD."""
    visitor.open(f"{visitor.town.issuer}{path}")
    visitor.log_in(bsn)


def write(visitor: Visitor, fields: dict[str, str]) -> None:
    """Type into fields."""
    for identifier, text in fields.items():
        visitor.page.fill(f"#{identifier}", text)


def birth_fields(birth: BirthDate) -> dict[str, str]:
    """The three fields of a day of birth."""
    return {"birth-day": str(birth.day), "birth-month": str(birth.month), "birth-year": str(birth.year)}


def offer(visitor: Visitor, *, each: bool = False) -> str:
    """Answer every step; returns the code. `each`: let every page pass the gate."""
    visitor.press("#authorise")
    visitor.sees("Wie wilt u machtigen?")
    if each:
        gate(visitor, "mandate-who")
        visitor.press("#continue")
        gate(visitor, "mandate-who-missing", english=False)
    write(visitor, {"label": "Samira"})
    visitor.press("#continue")
    visitor.sees("Wat mag Samira bekijken?")
    if each:
        gate(visitor, "mandate-what")
        visitor.press("#continue")
        gate(visitor, "mandate-what-missing", english=False)
    visitor.choose("#kind-1")
    visitor.choose("#app-every")
    visitor.press("#continue")
    visitor.sees("Hoe lang mag dit?")
    if each:
        gate(visitor, "mandate-how-long")
        visitor.press("#continue")
        gate(visitor, "mandate-how-long-missing", english=False)
    visitor.choose("#term-1")
    visitor.press("#continue")
    visitor.sees("Controleer uw machtiging")
    if each:
        gate(visitor, "mandate-check")
    visitor.press("#make")
    visitor.sees("Geef deze code aan Samira")
    if each:
        gate(visitor, "mandate-code", english=False)
    code = visitor.page.locator("#mandate-code").inner_text()
    if each:
        assert code in text_of(saved(visitor, "#pdf"))
    return code


def saved(visitor: Visitor, control: str) -> bytes:
    """The file that this link or button gives; the page stays."""
    heading = visitor.page.locator("h1").inner_text()
    with visitor.page.expect_download() as begun:
        visitor.page.click(control)
    visitor.sees(heading)
    return begun.value.path().read_bytes()


@pytest.mark.parametrize("hands", [Hands.MOUSE, Hands.KEYBOARD])
def test_the_whole_story_without_a_script(new_visitor: NewVisitor, backroom: Backroom, hands: Hands) -> None:
    """Offer, code, accept, see, stop: with the keyboard alone as well."""
    father, daughter = new_visitor(scripts=False), new_visitor(scripts=False)
    at_home(father, HENDRIK)
    code = offer(father.with_hands(hands))
    at_home(daughter, SAMIRA)
    daughter.press("#code")
    write(daughter, {"code": code.lower().replace("-", " "), **birth_fields(born(backroom, HENDRIK))})
    daughter.with_hands(hands).press("#continue")
    daughter.sees(f"Wilt u gegevens bekijken voor {HENDRIKS_NAME}?")
    daughter.with_hands(hands).press("#accept")
    expect(daughter.page.get_by_role("alert")).to_contain_text(f"U kunt nu gegevens bekijken van {HENDRIKS_NAME}.")

    daughter.open(daughter.town.address("pgo"))
    daughter.press("#login")
    daughter.goes_on("#represented-1")
    daughter.sees("Voor wie wilt u gegevens bekijken?")
    daughter.choose("#represented-1")
    daughter.press("#represented-continue")
    daughter.sees(f"U gaat gegevens bekijken van {HENDRIKS_NAME}")
    daughter.press("#acting-continue")
    expect(daughter.page.locator("#acting")).to_contain_text(f"U kijkt namens: {HENDRIKS_NAME}.")
    daughter.choose("#source-1")
    daughter.choose("#duration-once")
    daughter.press("#consent-give")
    expect(daughter.page.locator("body")).to_contain_text(HENDRIKS_NAME)

    father.open(f"{father.town.issuer}/mijn/machtigingen/gegeven")
    father.with_hands(hands).press("#stop-1")
    father.sees("Wilt u deze machtiging stoppen?")
    father.with_hands(hands).press("#stop")
    expect(father.page.get_by_role("alert")).to_contain_text("De machtiging is gestopt.")
    daughter.open(f"{daughter.town.issuer}/mijn/machtigingen/gekregen")
    expect(daughter.page.locator("main")).to_contain_text("Gestopt")


def test_the_pages_of_an_offer(new_visitor: NewVisitor, backroom: Backroom) -> None:
    """Each page on the way passes everything that a page must."""
    father, daughter = new_visitor(), new_visitor()
    at_home(father, HENDRIK)
    gate(father, "mandates")
    father.open(f"{father.town.issuer}/mijn/machtigingen/gegeven")
    gate(father, "mandates-given-none")
    code = offer(father, each=True)
    father.press("#list")
    gate(father, "mandates-given-waiting")
    at_home(daughter, SAMIRA, "/mijn/machtigingen/gekregen")
    gate(daughter, "mandates-held-none")
    daughter.press("#code")
    gate(daughter, "mandate-code-enter")
    daughter.press("#continue")
    gate(daughter, "mandate-code-missing", english=False)
    write(daughter, {"code": code, **birth_fields(born(backroom, HENDRIK))})
    daughter.press("#continue")
    gate(daughter, "mandate-answer")
    daughter.press("#accept")
    gate(daughter, "mandates-held")
    (address,) = qr_codes(saved(daughter, "#proof-1"))
    new_visitor().open(address)
    father.open(f"{father.town.issuer}/mijn/machtigingen/gegeven")
    gate(father, "mandates-given")
    father.press("#end-1")
    gate(father, "mandate-end")
    father.open(f"{father.town.issuer}/mijn/machtigingen/gegeven")
    father.press("#stop-1")
    gate(father, "mandate-stop")


def test_the_pages_of_a_request(new_visitor: NewVisitor, backroom: Backroom) -> None:
    """She asks, he agrees to a part."""
    father, daughter = new_visitor(), new_visitor()
    at_home(daughter, SAMIRA, "/mijn/machtiging-vragen")
    daughter.sees("Vraag iemand om u te machtigen")
    gate(daughter, "mandate-ask")
    write(daughter, {"label": "mijn vader"})
    daughter.press("#continue")
    daughter.choose("#kind-1")
    daughter.choose("#kind-2")
    daughter.choose("#app-every")
    daughter.press("#sources")
    for name in ("Huisartsenpraktijk De Linde", "Laboratorium Noord"):
        daughter.page.get_by_label(name).check()
    daughter.press("#continue")
    daughter.choose("#term-1")
    daughter.press("#continue")
    gate(daughter, "mandate-ask-check")
    daughter.press("#make")
    code = daughter.page.locator("#mandate-code").inner_text()
    at_home(father, HENDRIK, "/mijn/machtigingen/code")
    write(father, {"code": code, **birth_fields(born(backroom, SAMIRA))})
    father.press("#continue")
    father.sees("Mag Samira el Amrani uw gegevens bekijken?")
    gate(father, "mandate-answer-request")
    father.press("#accept")
    gate(father, "mandate-answer-request-missing", english=False)
    father.choose("#permission-1")
    father.press("#accept")
    expect(father.page.get_by_role("alert")).to_contain_text("De machtiging werkt nu.")
