"""Stopping: consent that was given is seen, and taken back, by the person alone."""

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.person import HENDRIK
from tests.support.visitor import Hands, NewVisitor, Visitor

pytestmark = pytest.mark.journey


def give_standing_consent(visitor: Visitor) -> None:
    """Log in at the app and agree to two sources until it is stopped."""
    visitor.start()
    visitor.log_in(HENDRIK)
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    visitor.consent(1, 3, duration="until-stopped")
    visitor.sees("Mijn gegevens")


@pytest.mark.parametrize("hands", [Hands.MOUSE, Hands.KEYBOARD])
def test_consent_is_stopped_without_a_script(new_visitor: NewVisitor, hands: Hands) -> None:
    """From the list of what happened to the consents, one press, and the app must ask anew."""
    visitor = new_visitor(scripts=False)
    give_standing_consent(visitor)
    # The rest of the way with the hands under test: choosing the second of two radio buttons takes an arrow key.
    visitor = visitor.with_hands(hands)
    visitor.open(f"{visitor.town.issuer}/mijn/activiteit")
    visitor.press("a[href='/mijn/toestemmingen']")
    visitor.sees("Toestemmingen voor apps")
    expect(visitor.page.locator("dt")).to_have_text(["Ziekenhuis Oost", "RIVM"])
    visitor.press("#stop-1")
    expect(visitor.page.get_by_role("alert")).to_contain_text("De toestemming is gestopt.")
    expect(visitor.page.locator("dt")).to_have_count(0)
    visitor.open(visitor.town.address("pgo"))
    visitor.press("#login")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")


def test_the_pages_of_stopping(visitor: Visitor) -> None:
    """Each page on the way passes everything that a page must."""
    give_standing_consent(visitor)
    visitor.open(f"{visitor.town.issuer}/mijn/toestemmingen")
    visitor.sees("Toestemmingen voor apps")
    gate(visitor, "given-consents")
    visitor.press("#stop-1")
    expect(visitor.page.get_by_role("alert")).to_be_visible()
    gate(visitor, "given-consents-stopped")
