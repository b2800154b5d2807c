"""The helpdesk: from a number or a person to a mandate with all that happened to it (A2, A3)."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.gate import gate
from tests.journeys.test_journey_staff_requests import log_in
from tests.support.backroom import Backroom
from tests.support.mandate_pages import authorised
from tests.support.person import FROUKE, PIETER, Person
from tests.support.visitor import NewVisitor

pytestmark = pytest.mark.journey
WIDTHS = (1280, 900, 360)
_CUT = """() => [...document.querySelectorAll('main *')].filter(e => {
    const style = getComputedStyle(e);
    return style.overflowX !== 'visible' && style.position !== 'absolute' && e.scrollWidth > e.clientWidth + 1;
}).concat(document.documentElement.scrollWidth > document.documentElement.clientWidth ? [document.body] : [])
  .map(e => e.tagName + '.' + e.className)"""
"""What holds more than it shows, and the page itself where it does."""


@pytest.fixture
def number(new_person: Callable[[], Person], backroom: Backroom) -> Iterator[str]:
    """Let Frouke have authorised Pieter; the number of it."""
    backroom.forget_mandates()
    authorised((new_person(), FROUKE), (new_person(), PIETER), backroom, "48")
    [(found,)] = backroom.ask("SELECT mandate_id::text FROM mandates WHERE state = 'active'")
    yield str(found)
    backroom.forget_mandates()
    backroom.ask("DELETE FROM outbox; DELETE FROM notices")


def test_from_a_number_to_a_person(new_visitor: NewVisitor, backroom: Backroom, number: str) -> None:
    """Each page passes what a page must, and hides nothing at any width."""
    helpdesk = new_visitor()
    log_in(helpdesk, "karin", "/machtigingen")
    expect(helpdesk.page.locator("main table tbody tr")).to_have_count(1)
    nothing_is_cut(helpdesk.page)
    gate(helpdesk, "staff-mandates")
    helpdesk.page.fill("#number", str(uuid4()))
    helpdesk.press("#find")
    gate(helpdesk, "staff-mandates-missing", english=False)
    helpdesk.page.fill("#number", number)
    helpdesk.press("#find")
    expect(helpdesk.page.locator("#number")).to_have_text(number)
    nothing_is_cut(helpdesk.page)
    gate(helpdesk, "staff-mandate")

    helpdesk.press("nav a[href='/personen']")
    gate(helpdesk, "staff-persons")
    helpdesk.press("#find")
    gate(helpdesk, "staff-persons-missing", english=False)
    helpdesk.page.fill("#person", FROUKE)
    helpdesk.page.fill("#reason", "Zij belt en vraagt wie haar helpt.")
    helpdesk.page.fill("#case_number", "2026-77")
    helpdesk.press("#find")
    helpdesk.at(f"/personen/{backroom.reference(FROUKE)}")
    nothing_is_cut(helpdesk.page)
    gate(helpdesk, "staff-person")
    helpdesk.press("#unmask")
    gate(helpdesk, "staff-person-missing", english=False)
    helpdesk.page.fill("#reason", "Zij belt en vraagt wie haar helpt.")
    helpdesk.page.fill("#case_number", "2026-77")
    helpdesk.press("#unmask")
    expect(helpdesk.page.locator("main")).to_contain_text(FROUKE)
    gate(helpdesk, "staff-person-unmasked", english=False)

    auditor = new_visitor()
    log_in(auditor, "tom", "/logboek")
    for address in ("/logboek", "/toegang", "/logboek/vragen/weigeringen", "/sleutels", "/verzoeken", "/"):
        auditor.open(f"{auditor.town.address('admin')}{address}")
        nothing_is_cut(auditor.page)
    auditor.page.set_viewport_size({"width": 360, "height": 800})
    menu = auditor.page.locator("nav")
    expect(menu).to_be_hidden()
    auditor.page.click(".vad-menu__open a")
    expect(menu).to_be_visible()
    nothing_is_cut(auditor.page)


def nothing_is_cut(page: Page) -> None:
    """At no usual width something stands beyond an edge that does not show that there is more."""
    before = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(_CUT) == [], f"{page.url} in a window of {width} px"
    if before is not None:
        page.set_viewport_size(before)
