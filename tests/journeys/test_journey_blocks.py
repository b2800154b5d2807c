"""Switching off sharing: an app that is not wanted cannot even ask, until the person lets it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.person import SAMIRA
from tests.support.visitor import Hands, NewVisitor, Visitor

pytestmark = pytest.mark.journey

APP = "#target-1[value='pgo-demo-2']"
"""First by its name: choosing another radio button than the first takes an arrow key."""


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nothing switched off: one town serves every test."""
    yield
    backroom.ask("DELETE FROM blocks")


def logged_in(visitor: Visitor) -> None:
    """Go to the page of what is off, through DigiD."""
    visitor.open(f"{visitor.town.issuer}/mijn/delen")
    visitor.log_in(SAMIRA)
    visitor.sees("Delen uitzetten")


def log_in_at_the_app(visitor: Visitor) -> None:
    """At its home, ask for the data of every source."""
    visitor.open(visitor.town.address("pgo2"))
    visitor.press("#login")


@pytest.mark.parametrize("hands", [Hands.MOUSE, Hands.KEYBOARD])
def test_an_app_is_switched_off_and_on_without_a_script(new_visitor: NewVisitor, hands: Hands) -> None:
    """While it is off the app gets the person's no before it can ask; from that page one link leads to the switch."""
    visitor = new_visitor(scripts=False)
    logged_in(visitor)
    # The rest of the way with the hands under test: this test person is not the first of the list.
    visitor = visitor.with_hands(hands)
    visitor.press("#block-app")
    visitor.sees("Welke app krijgt niets meer over u?")
    visitor.choose(APP)
    visitor.press("#block-place")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Het is uitgezet.")
    log_in_at_the_app(visitor)
    visitor.sees("Doorgaan naar Gezond Bij De Hand?")
    visitor.press("#continue")
    visitor.sees("U kunt niet verder naar Gezond Bij De Hand")
    visitor.press("main a[href='/mijn/delen']")
    visitor.press("#lift-1")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Het is weer aangezet.")
    log_in_at_the_app(visitor)
    visitor.sees("Mag Gezond Bij De Hand deze gegevens krijgen?")


def test_the_pages_of_switching_off(visitor: Visitor) -> None:
    """Each page on the way passes everything that a page must."""
    logged_in(visitor)
    gate(visitor, "blocks-none")
    visitor.press("#block-source")
    visitor.sees("Welke organisatie geeft niets meer over u?")
    gate(visitor, "blocks-organisation")
    visitor.press("#block-place")
    gate(visitor, "blocks-organisation-missing", english=False)
    visitor.choose("#target-1")
    visitor.press("#block-place")
    visitor.press("#block-app")
    gate(visitor, "blocks-app")
    visitor.choose(APP)
    visitor.press("#block-place")
    visitor.press("#block-representation")
    visitor.page.wait_for_selector("#lift-3")
    gate(visitor, "blocks")
