"""Something is not right: a person reports it, the helpdesk answers; and all data of a person (rules 40, 42 and 44)."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.journeys.test_journey_staff_requests import log_in
from tests.support.accessibility import assert_accessible, assert_no_horizontal_scroll
from tests.support.backroom import Backroom
from tests.support.person import FROUKE
from tests.support.visitor import Hands, NewVisitor, Visitor

pytestmark = pytest.mark.journey

WRITTEN = "Ik was dit niet.\n\nIk was die dag op reis."
ANSWER = "Dit was uw eigen app.\n\nU kunt de app stoppen."


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave no report, and nobody to be told."""
    statement = "DELETE FROM case_texts; DELETE FROM cases; DELETE FROM outbox; DELETE FROM notices"
    backroom.ask(statement)
    yield
    backroom.ask(statement)


def reported(citizen: Visitor) -> None:
    """From the newest line of the activity to the receipt; each page passes what a page must."""
    citizen.open(f"{citizen.town.issuer}/mijn/activiteit")
    citizen.log_in(FROUKE)
    citizen.page.locator("a[href^='/mijn/melding/']").first.click()
    citizen.sees("Klopt dit niet?")
    gate(citizen, "report")
    citizen.press("#case-send")
    gate(citizen, "report-missing", english=False)
    citizen.page.fill("#text", WRITTEN)
    citizen.with_hands(Hands.KEYBOARD).choose("input[name=reach][value=letter]")
    citizen.press("#case-send")
    expect(citizen.page.get_by_role("alert")).to_contain_text("Wij hebben uw melding ontvangen")
    gate(citizen, "reports", english=False)


def test_from_a_report_to_its_answer(new_visitor: NewVisitor) -> None:
    """Each page passes what a page must; a colleague closes it without a script; every line stands as written."""
    citizen, helpdesk, colleague = new_visitor(), new_visitor(), new_visitor(scripts=False)
    reported(citizen)
    log_in(helpdesk, "karin", "/meldingen")
    gate(helpdesk, "staff-cases")
    helpdesk.press("#case-1")
    helpdesk.press("#case-take")
    shown = helpdesk.page.locator(".vad-written").first
    assert shown.inner_text() == WRITTEN
    gate(helpdesk, "staff-case")
    helpdesk.page.fill("#text", "Gebeld met de app.")
    helpdesk.press("#case-note")
    helpdesk.page.fill("#text", ANSWER)
    helpdesk.press("#case-close")
    expect(helpdesk.page.get_by_role("link", name="Kies hoe het afliep")).to_have_attribute("href", "#outcome")
    gate(helpdesk, "staff-case-missing", english=False)
    _choose_by_keyboard(helpdesk, "#outcome", "explained")
    log_in(colleague, "farid", "/meldingen")
    colleague.press("#case-1")
    colleague.press("#case-take")
    helpdesk.press("#case-close")
    expect(helpdesk.page.get_by_role("alert")).to_contain_text("Een ander heeft deze melding nu")
    colleague.page.fill("#text", ANSWER)
    _choose_by_keyboard(colleague, "#outcome", "explained")
    address = colleague.page.url
    colleague.press("#case-close")
    expect(colleague.page.locator("#case-close")).to_have_count(0)
    helpdesk.open(address)
    gate(helpdesk, "staff-case-closed")
    helpdesk.press("nav a[href='/meldingen']")
    gate(helpdesk, "staff-cases-none")
    citizen.open(f"{citizen.town.issuer}/mijn/meldingen")
    gate(citizen, "reports-answered")
    expect(citizen.page.locator("main")).not_to_contain_text("Gebeld")
    assert citizen.page.locator(".vad-written").last.inner_text() == ANSWER


def test_all_data_of_a_person(new_visitor: NewVisitor, backroom: Backroom, tmp_path: Path) -> None:
    """By the person, and by the helpdesk for somebody who asks them; the page in the file passes as any other."""
    citizen, helpdesk, reader = new_visitor(), new_visitor(), new_visitor()
    citizen.open(f"{citizen.town.issuer}/mijn/gegevens")
    citizen.log_in(FROUKE)
    gate(citizen, "own-data")
    _read(citizen, "main form button", reader, tmp_path / "own")
    log_in(helpdesk, "karin", f"/personen/{backroom.reference(FROUKE)}")
    assert_accessible(helpdesk.page)
    assert_no_horizontal_scroll(helpdesk.page)
    helpdesk.press("#all-data")
    gate(helpdesk, "staff-person-export")
    helpdesk.press("#download")
    gate(helpdesk, "staff-person-export-missing", english=False)
    helpdesk.page.fill("#reason", "Zij vroeg erom in een brief")
    helpdesk.page.fill("#case_number", "2026-78")
    _read(helpdesk, "#download", reader, tmp_path / "staff")


def _choose_by_keyboard(visitor: Visitor, selector: str, value: str) -> None:
    """Choose from a list by its first letters, as somebody without a mouse does."""
    listed = visitor.page.locator(selector)
    text = listed.locator(f"option[value={value}]").inner_text()
    listed.focus()
    visitor.page.keyboard.type(text[:6])
    visitor.page.keyboard.press("Tab")
    expect(listed).to_have_value(value)


def _read(visitor: Visitor, button: str, reader: Visitor, folder: Path) -> None:
    with visitor.page.expect_download() as begun:
        visitor.page.click(button)
    with zipfile.ZipFile(begun.value.path()) as files:
        files.extractall(folder)
    reader.open((folder / "vad.html").as_uri())
    reader.sees("Alles wat VAD over u heeft")
    assert_accessible(reader.page)
    assert_no_horizontal_scroll(reader.page)
    assert FROUKE not in reader.page.content()
