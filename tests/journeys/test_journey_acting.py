"""A parent sees a young child's data: chosen on one page, explained on the next, said on each page after that."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.person import IRIS
from tests.support.visitor import Hands, NewVisitor, Visitor

pytestmark = pytest.mark.journey

CHOOSE, CONFIRM = "Voor wie wilt u gegevens bekijken?", "U gaat gegevens bekijken van Sem Bos"
BANNER = "U kijkt namens: Sem Bos. U bent ingelogd als Iris Bos."


@pytest.fixture(autouse=True)
def nothing_known(backroom: Backroom) -> Iterator[None]:
    """Let VAD know nothing that the register said of minors, before and after: one town serves every test."""
    backroom.forget_minors()
    yield
    backroom.forget_minors()


def log_in(visitor: Visitor) -> None:
    """At the app, as the mother; arrives where VAD asks for whom."""
    visitor.start()
    visitor.log_in(IRIS)
    visitor.sees(CHOOSE)


def sem(visitor: Visitor) -> str:
    """The radio button that stands for Sem."""
    return f"#{visitor.page.get_by_label('Mijn kind: Sem Bos').get_attribute('id')}"


def banner(visitor: Visitor) -> Locator:
    """Where a page says for whom somebody acts."""
    return visitor.page.locator("#acting")


@pytest.mark.parametrize("hands", [Hands.MOUSE, Hands.KEYBOARD])
def test_a_mother_sees_her_son_s_data_without_a_script(new_visitor: NewVisitor, hands: Hands) -> None:
    """From the app and back with his data; the list of what happened says for whom and why (rules 8 and 42)."""
    visitor = new_visitor(hands, scripts=False)
    log_in(visitor)
    expect(visitor.page.locator("input:checked")).to_have_count(0)
    expect(visitor.page.get_by_role("radio")).to_have_count(2)
    visitor.choose(sem(visitor))
    visitor.press("#represented-continue")
    visitor.sees(CONFIRM)
    expect(visitor.page.locator("main")).to_contain_text("U heeft ouderlijk gezag")
    visitor.press("#acting-continue")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    expect(banner(visitor)).to_have_text(BANNER)
    visitor.consent(1, 2, 3)
    visitor.sees("Gegevens van Sem Bos")
    expect(banner(visitor)).to_have_text(BANNER)
    expect(visitor.page.locator("section[data-outcome=data]")).to_have_count(3)
    expect(visitor.page.locator("#data-1")).to_contain_text("Constitutioneel eczeem")
    expect(visitor.page.locator("#data-3")).to_contain_text("Difterie, kinkhoest, tetanus en polio (DKTP)")
    expect(visitor.page.locator("main")).not_to_contain_text("Mijn gegevens")
    visitor.open(f"{visitor.town.issuer}/mijn/activiteit")
    newest = visitor.page.locator("tbody tr").filter(has_text="App kreeg toegang").first
    expect(newest).to_contain_text("Sem Bos")
    expect(newest).to_contain_text("Ouderlijk gezag")


def test_she_chooses_again_for_herself(visitor: Visitor) -> None:
    """One button back from the page that explains; then nothing says that she acts, and no data is her son's."""
    log_in(visitor)
    visitor.choose(sem(visitor))
    visitor.press("#represented-continue")
    visitor.press("#acting-choose")
    visitor.sees(CHOOSE)
    visitor.choose("#represented-myself")
    visitor.press("#represented-continue")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    expect(banner(visitor)).to_have_count(0)
    visitor.consent(1, 3)
    visitor.sees("Mijn gegevens")
    expect(banner(visitor)).to_have_count(0)
    expect(visitor.page.locator("main")).not_to_contain_text("Sem Bos")


def test_who_wants_neither_stops(visitor: Visitor) -> None:
    """One button back to the app, which hears no more than that."""
    log_in(visitor)
    visitor.press("#represented-stop")
    visitor.sees("Inloggen is niet gelukt")
    visitor.at(r"/fout\?code=access_denied")


def test_the_pages_of_acting_for_another(visitor: Visitor) -> None:
    """Each page on the way passes everything that a page must."""
    log_in(visitor)
    gate(visitor, "acting-choose")
    visitor.press("#represented-continue")
    error = visitor.page.get_by_role("alert").get_by_role("link")
    expect(error).to_have_text("Kies voor wie u gegevens wilt bekijken")
    gate(visitor, "acting-choose-missing", english=False)
    error.click()
    expect(visitor.page.locator("#represented-myself")).to_be_focused()
    visitor.choose(sem(visitor))
    visitor.press("#represented-continue")
    visitor.sees(CONFIRM)
    gate(visitor, "acting-confirm")
    visitor.press("#acting-continue")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    gate(visitor, "consent-acting")
    visitor.consent(1, 2, 3)
    visitor.sees("Gegevens van Sem Bos")
    gate(visitor, "pgo-data-acting")
