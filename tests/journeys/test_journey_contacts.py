"""Setting an e-mail address, with the code from a real mail."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.person import SAMIRA
from tests.support.town import Town
from tests.support.visitor import Hands, NewVisitor, Visitor
from vad.bootstrap.upkeep import create_upkeep

pytestmark = pytest.mark.journey

ADDRESS = "samira@post.example"


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nobody an address: one town serves every test."""
    forget = "DELETE FROM outbox; DELETE FROM notices; DELETE FROM contacts"
    backroom.ask(forget)
    yield
    backroom.ask(forget)


def logged_in(visitor: Visitor) -> None:
    """Go to the page, through DigiD."""
    visitor.open(f"{visitor.town.issuer}/mijn/berichten")
    visitor.log_in(SAMIRA)
    visitor.sees("Berichten instellen")


def code(town: Town) -> str:
    """Let the worker send what waits, and read the last mail."""
    create_upkeep(town.settings)[0].deliver(datetime.now(UTC))
    items = requests.get(f"{town.address('post')}/items", timeout=10).json()
    text = next(item["text"] for item in items if item["to"] == ADDRESS)
    return str(re.findall(r"^\d{6}$", text, re.MULTILINE)[0])


@pytest.mark.parametrize("hands", [Hands.MOUSE, Hands.KEYBOARD])
def test_an_address_is_set_and_removed_without_a_script(new_visitor: NewVisitor, hands: Hands) -> None:
    """From the field to the mail and back, and away again."""
    visitor = new_visitor(scripts=False)
    logged_in(visitor)
    visitor = visitor.with_hands(hands)
    visitor.page.fill("#email", ADDRESS)
    visitor.press("#contact-ask")
    expect(visitor.page.get_by_role("alert")).to_contain_text("We hebben een code gestuurd.")
    visitor.page.fill("#code", code(visitor.town))
    visitor.press("#contact-prove")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Berichten gaan nu naar uw e-mailadres.")
    visitor.press("#contact-remove")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Uw e-mailadres is weggehaald.")


def test_the_page_of_notifications(visitor: Visitor) -> None:
    """In each of its states it passes everything that a page must."""
    logged_in(visitor)
    gate(visitor, "contacts-none")
    visitor.page.fill("#email", ADDRESS)
    visitor.press("#contact-ask")
    gate(visitor, "contacts-pending")
    visitor.page.fill("#code", "12345")
    visitor.press("#contact-prove")
    gate(visitor, "contacts-wrong", english=False)
    visitor.page.fill("#code", code(visitor.town))
    visitor.press("#contact-prove")
    gate(visitor, "contacts")
