"""A young person says what a parent may view, and stops it; the parent meets that in the app (rules 7 and 19)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.person import IRIS, LOTTE_14
from tests.support.visitor import Hands, NewVisitor, Visitor

pytestmark = pytest.mark.journey

PARENTS, CHECK = "Wat mogen uw ouders bekijken?", "Controleer wat u toestaat"


@pytest.fixture(autouse=True)
def nobody_agreed(backroom: Backroom) -> Iterator[None]:
    """Let nobody have agreed to anything, before and after: one town serves every test."""
    for over in (False, True):
        backroom.forget_minors()
        backroom.forget_assents()
        backroom.forget_consents()
        if not over:
            yield


def log_in(visitor: Visitor) -> None:
    """At VAD's own page, as the daughter of 14."""
    visitor.open(f"{visitor.town.issuer}/mijn/ouders")
    visitor.log_in(LOTTE_14)
    visitor.sees(PARENTS)


@pytest.mark.parametrize("hands", [Hands.MOUSE, Hands.KEYBOARD])
def test_a_daughter_lets_her_mother_look_and_stops_it(new_visitor: NewVisitor, hands: Hands) -> None:
    """Two browsers without a script: hers, where she decides, and her mother's, where it counts."""
    lotte, iris = new_visitor(hands, scripts=False), new_visitor(hands, scripts=False)
    log_in(lotte)
    lotte.press("#allow-1")
    lotte.sees("Wat mag Iris Bos bekijken?")
    expect(lotte.page.locator("input:checked")).to_have_count(0)
    for box in lotte.page.get_by_role("checkbox").all():
        lotte.choose(f"#{box.get_attribute('id')}")
    lotte.press("#assents-continue")
    lotte.sees(CHECK)
    lotte.press("#assents-confirm")
    lotte.sees(PARENTS)
    expect(lotte.page.locator("main")).to_contain_text("Uw ouder mag deze gegevens nu bekijken.")

    iris.start()
    iris.log_in(IRIS)
    lotte_s = iris.page.get_by_label("Mijn kind: Lotte Bos").get_attribute("id")
    expect(iris.page.locator("main")).to_contain_text("14 jaar. U heeft ouderlijk gezag. Lotte Bos heeft u gemachtigd.")
    iris.choose(f"#{lotte_s}")
    iris.press("#represented-continue")
    expect(iris.page.locator("main")).to_contain_text("Lotte Bos kan zien dat u dit doet.")
    iris.press("#acting-continue")
    iris.consent(1, 2, 3)
    iris.sees("Gegevens van Lotte Bos")

    lotte.press("#stop-1")
    expect(lotte.page.locator("main")).to_contain_text("Het is gestopt.")
    iris.open(f"{iris.town.address('pgo')}/gegevens")
    expect(iris.page.locator("#data-3")).to_have_attribute("data-outcome", "refused")
    lotte.open(f"{lotte.town.issuer}/mijn/activiteit")
    newest = lotte.page.locator("tbody tr").filter(has_text="App kreeg toegang").first
    expect(newest).to_contain_text("Iris Bos")
    expect(newest).to_contain_text("Ouderlijk gezag, en het kind vindt het goed")


def test_the_pages_of_a_young_person(visitor: Visitor) -> None:
    """Each page on the way passes everything that a page must, in both languages."""
    log_in(visitor)
    gate(visitor, "assents-nothing")
    visitor.press("#allow-1")
    gate(visitor, "assents-choose")
    visitor.press("#assents-continue")
    error = visitor.page.get_by_role("alert").get_by_role("link")
    expect(error).to_have_text("Kies wat Iris Bos mag bekijken")
    gate(visitor, "assents-choose-missing", english=False)
    error.click()
    expect(visitor.page.locator("#kind-1")).to_be_focused()
    visitor.choose("#kind-1")
    visitor.choose("#kind-2")
    visitor.press("#assents-continue")
    visitor.sees(CHECK)
    gate(visitor, "assents-check", english=False)
    visitor.press("#assents-confirm")
    gate(visitor, "assents-allowed")
