"""Staff: from the first login to a signal that is handled, in a real browser."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.accessibility import assert_accessible, assert_no_horizontal_scroll
from tests.support.backroom import Backroom
from tests.support.colleague import STAFF
from tests.support.focus import assert_focus_visible
from tests.support.visitor import NewVisitor, Visitor
from tests.web.admin.test_staff_time_out import IDLE, end

pytestmark = pytest.mark.journey


@pytest.fixture(autouse=True)
def as_new(backroom: Backroom) -> Iterator[None]:
    """Let every account be a new one, nothing have been taken and nothing handled, now and for who comes after."""
    statements = (
        "UPDATE staff_accounts SET subject = account_id::text",
        "DELETE FROM break_glass",
        "DELETE FROM handled_signals",
    )
    for statement in statements:
        backroom.ask(statement)
    yield
    for statement in statements:
        backroom.ask(statement)


def at_the_login(visitor: Visitor, path: str = "/") -> None:
    """Open a page for staff; arrives at its login page."""
    visitor.open(f"{visitor.town.address('admin')}{path}")
    visitor.sees("Inloggen voor medewerkers")


def log_in(visitor: Visitor, subject: str, path: str = "/") -> None:
    """Log in for the first time: with the work account, then with DigiD."""
    at_the_login(visitor, path)
    visitor.press("#login-submit")
    visitor.choose(f"#person-{subject}")
    visitor.press("#login-submit")
    visitor.sees("Laat zien van wie dit account is")
    visitor.log_in(STAFF[subject]["bsn"])


def passes_as_it_is(visitor: Visitor) -> None:
    """See to the answer to a form, which can't be asked for again in another language."""
    assert_accessible(visitor.page)
    assert_no_horizontal_scroll(visitor.page)
    assert assert_focus_visible(visitor.page, "*")


def passes(visitor: Visitor) -> None:
    """See to a page whose figures are those of the day: everything that a page must, but for the record."""
    for language in ("en", "nl"):
        passes_as_it_is(visitor)
        visitor.page.click(f"a[hreflang={language}]")
        expect(visitor.page.locator("html")).to_have_attribute("lang", language)


def test_a_helper_takes_emergency_access_and_another_looks_into_it(new_visitor: NewVisitor) -> None:
    """Rule 44, all of it without a script: log in, show whose account it is, take a view; a second person reviews."""
    karin = new_visitor(scripts=False)
    log_in(karin, "karin")
    karin.sees("Overzicht")
    karin.press("nav a[href='/noodtoegang']")
    karin.sees("Noodtoegang")
    karin.choose("input[value='keys.view']")
    karin.page.fill("#reason", "Iemand is in gevaar en de beheerder is weg")
    karin.page.fill("#case_number", "ZK-112")
    karin.press("#break-glass-take")
    expect(karin.page.get_by_role("alert")).to_contain_text("U kunt het nu bekijken, 60 minuten lang.")
    expect(karin.page.locator("#break-glass")).to_contain_text("De sleutels bekijken")
    iris = new_visitor(scripts=False)
    log_in(iris, "iris", "/noodtoegang/controle")
    iris.sees("Noodtoegang van anderen")
    iris.press("#look-1")
    looking = new_visitor()
    log_in(looking, "samira", urlsplit(iris.page.url).path)
    gate(looking, "staff-break-glass-review")
    iris.press("#justified")
    expect(iris.page.get_by_role("alert")).to_contain_text("Wat u vond, staat in het logboek.")
    iris.press("#logout")
    iris.sees("U bent uitgelogd")
    iris.open(f"{iris.town.address('admin')}/")
    iris.sees("Inloggen voor medewerkers")


def test_the_pages_of_staff(visitor: Visitor, backroom: Backroom) -> None:
    """Each page on the way passes everything that a page must."""
    at_the_login(visitor)
    gate(visitor, "staff-login")
    visitor.press("#login-submit")
    assert_accessible(visitor.page)
    visitor.choose("#person-iris")
    visitor.press("#login-submit")
    visitor.sees("Laat zien van wie dit account is")
    gate(visitor, "staff-enrolment")
    visitor.log_in(STAFF["iris"]["bsn"])
    visitor.sees("Overzicht")
    expect(visitor.page.locator("svg.vad-chart")).to_be_visible()
    passes(visitor)
    visitor.press("nav a[href='/noodtoegang']")
    gate(visitor, "staff-break-glass")
    visitor.press("#break-glass-take")
    gate(visitor, "staff-break-glass-missing", english=False)
    visitor.open(f"{visitor.town.address('admin')}/noodtoegang/controle")
    gate(visitor, "staff-break-glass-none")
    backroom.ask(
        "INSERT INTO audit_events (event_id, recorded_at, type, outcome, actor, evidence) SELECT gen_random_uuid(),"
        " %s, 'contact.not_proved', 'refused', %s, '{}' FROM generate_series(1, 11)",
        datetime.now(UTC), str(backroom.person_id(STAFF["karin"]["bsn"])),
    )  # fmt: skip
    visitor.press("nav a[href='/signalen']")
    visitor.sees("Signalen")
    passes(visitor)
    reference = backroom.reference(STAFF["karin"]["bsn"])
    visitor.press(f"a[href^='/signalen/wrong_codes.{reference}']")
    visitor.sees("Veel verkeerde codes")
    expect(visitor.page.locator("main table tbody tr")).to_have_count(11)
    visitor.press("#signal-handle")
    visitor.sees("Veel verkeerde codes")
    gate(visitor, "staff-signal-missing", english=False)
    visitor.page.fill("#reason", "Gebeld, het was een vergissing")
    visitor.page.fill("#case_number", "ZK-9")
    visitor.press("#signal-handle")
    expect(visitor.page.get_by_role("alert")).to_contain_text("Wat u deed, staat in het logboek.")
    visitor.press("#logout")
    gate(visitor, "staff-logged-out")


def test_a_page_that_is_not_for_this_role(visitor: Visitor) -> None:
    """Rule 44: it says so, and leads back to what is."""
    log_in(visitor, "anneke", "/noodtoegang/controle")
    visitor.sees("U mag deze pagina niet bekijken")
    gate(visitor, "staff-no-access")


def test_an_administrator_ends_an_account(new_visitor: NewVisitor) -> None:
    """Rule 44: folded away until it is wanted, told what is missing, and over in the other's browser with the press."""
    tom, iris = new_visitor(), new_visitor()
    log_in(tom, "tom")
    tom.sees("Overzicht")
    log_in(iris, "iris")
    iris.press("nav a[href='/accounts']")
    iris.sees("Accounts van medewerkers")
    passes(iris)
    name = "Het account van tom beëindigen"
    iris.page.get_by_text(name).click()
    assert_accessible(iris.page)
    assert_no_horizontal_scroll(iris.page)
    theirs = iris.page.locator("details").filter(has_text=name)
    theirs.get_by_role("button").click()
    expect(iris.page.get_by_role("alert")).to_contain_text("in 10 tot 500 letters")
    passes_as_it_is(iris)
    theirs.get_by_label("Reden").fill("Tom werkt hier niet meer sinds vanmorgen")
    theirs.get_by_label("Nummer van de zaak").fill("HR-2026-4")
    theirs.get_by_role("button").click()
    expect(iris.page.get_by_role("alert")).to_contain_text("Niemand is er nu nog mee ingelogd.")
    expect(iris.page.get_by_text(name)).to_have_count(0)
    passes_as_it_is(iris)
    tom.page.reload()
    tom.sees("Inloggen voor medewerkers")


def test_what_was_typed_when_the_login_ended(new_visitor: NewVisitor, backroom: Backroom) -> None:
    """The page leaves by itself once its time is over, and takes along what stands in the form that was typed in."""
    visitor = new_visitor()
    visitor.page.clock.install()
    log_in(visitor, "iris", "/logboek/wissen")
    visitor.page.fill("#purge-month", "2020-02")
    (cookie,) = (each for each in visitor.page.context.cookies() if each.get("name") == "vad_staff")
    end(backroom, cookie.get("value", ""), IDLE)
    visitor.page.clock.fast_forward(16 * 60_000)
    visitor.sees("Inloggen voor medewerkers")
    visitor.press("#login-submit")
    visitor.choose("#person-iris")
    visitor.press("#login-submit")
    visitor.sees("Wissen uit het logboek")
    expect(visitor.page.locator("#purge-month")).to_have_value("2020-02")
    passes_as_it_is(visitor)
