"""Staff in a browser: one asks for a block, may not decide it, and another agrees (rules 18 and 44)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.colleague import STAFF
from tests.support.person import ANNEKE, SEM_8, TOM
from tests.support.staff_office import StaffOffice
from tests.support.visitor import Hands, NewVisitor, Visitor
from tests.web.test_mandate_legal import WILLEM, asked, wanted_for

pytestmark = pytest.mark.journey


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nothing switched off, and nothing that waits."""
    backroom.forget_requests()
    yield
    backroom.forget_requests()
    backroom.ask("DELETE FROM blocks; DELETE FROM outbox; DELETE FROM notices")
    backroom.forget_mandates()


def log_in(visitor: Visitor, subject: str, path: str) -> None:
    """Log in as one of the staff, and show by DigiD whose account it is where that is asked."""
    page, admin = visitor.page, visitor.town.address("admin")
    visitor.open(f"{admin}/inloggen?pagina={path}")
    page.click("#login-submit")
    page.check(f"#person-{subject}")
    page.click("#login-submit")
    page.wait_for_url(f"{admin}/**")
    if "/aanmelden" in page.url:
        visitor.log_in(STAFF[subject]["bsn"])
    visitor.open(f"{admin}{path}")


def test_a_block_by_two_people(new_visitor: NewVisitor) -> None:
    """Every page on the way passes what a page must."""
    asker, second = new_visitor(), new_visitor()
    log_in(asker, "karin", "/blokkades")
    asker.sees("Blokkades")
    gate(asker, "staff-blocks-none")
    asker.press("#ask")
    gate(asker, "staff-blocks-missing", english=False)
    for field, value in (("subject", SEM_8), ("against", TOM), ("case_number", "2026/17")):
        asker.page.fill(f"#{field}", value)
    for part, value in (("day", "31"), ("month", "12"), ("year", "2027")):
        asker.page.fill(f"#last-{part}", value)
    asker.page.fill("#reason", "De huisarts vraagt erom in een brief")
    asker.page.check("input[name=who][value=one]")
    asker.page.check("input[name=block_reason][value=care_provider]")
    asker.press("#ask")
    asker.sees("Een blokkade aanzetten")
    expect(asker.page.locator("#approve")).to_have_count(0)
    assert SEM_8 not in asker.page.content() + asker.page.url
    gate(asker, "staff-request-own")
    log_in(second, "farid", "/verzoeken")
    gate(second, "staff-requests")
    second.page.click("main ul a")
    gate(second, "staff-request")
    second = second.with_hands(Hands.KEYBOARD)
    second.press("#approve")
    expect(second.page.locator("#state")).to_contain_text("Het is gedaan.")
    second.open(f"{second.town.address('admin')}/blokkades")
    gate(second, "staff-blocks")
    assert second.page.locator("textarea").last.input_value() == ""


def test_legal_mandates_and_the_stop_by_code(new_visitor: NewVisitor, office: StaffOffice, backroom: Backroom) -> None:
    """Legal mandates: none, one, and one that goes on by a new decision (rule 29); and the stop by code."""
    helpdesk, second = new_visitor(), new_visitor()
    log_in(helpdesk, "karin", "/wettelijk")
    gate(helpdesk, "staff-legal-none")
    wanted = wanted_for(backroom.person_id(WILLEM), backroom.person_id(ANNEKE))
    office.deciding.approvals.approve(office.second, asked(office, wanted), datetime.now(UTC))
    helpdesk.open(f"{helpdesk.town.address('admin')}/wettelijk")
    gate(helpdesk, "staff-legal")
    helpdesk = helpdesk.with_hands(Hands.KEYBOARD)
    helpdesk.press("#mandate-1 summary")
    for field, value in (("reference", wanted.reference), ("case_number", "2026/19")):
        helpdesk.page.fill(f"#renew-1-{field}", value)
    for part, value in (("day", "1"), ("month", "3"), ("year", str(datetime.now(UTC).year + 2))):
        helpdesk.page.fill(f"#renew-1-last-{part}", value)
    helpdesk.page.fill("#renew-1-reason", "De rechter heeft opnieuw besloten")
    helpdesk.press("#renew-1")
    gate(helpdesk, "staff-legal-missing", english=False)
    helpdesk.page.get_by_role("alert").get_by_role("link").click()
    expect(helpdesk.page.locator("#renew-1-reference")).to_be_focused()
    helpdesk.page.fill("#renew-1-reference", "C/10/777777")
    helpdesk.press("#renew-1")
    helpdesk.sees("Een wettelijke machtiging verlengen")
    expect(helpdesk.page.locator("#approve")).to_have_count(0)
    gate(helpdesk, "staff-legal-renewal-own")
    log_in(second, "farid", urlsplit(helpdesk.page.url).path)
    second.press("#approve")
    expect(second.page.locator("#state")).to_contain_text("Het is gedaan.")
    second.press("nav a[href='/wettelijk']")
    expect(second.page.locator("#mandate-1")).to_contain_text("C/10/777777")
    helpdesk.open(f"{helpdesk.town.address('admin')}/stopcode")
    gate(helpdesk, "staff-stop-code")
    helpdesk.press("#stop")
    gate(helpdesk, "staff-stop-code-wrong", english=False)
