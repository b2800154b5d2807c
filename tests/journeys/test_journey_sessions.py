"""Where am I logged in?: a login in another browser is seen, and stopped from here."""

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.person import HENDRIK
from tests.support.visitor import Hands, NewVisitor, Visitor

pytestmark = pytest.mark.journey

PAGE = "/mijn/sessies"
HEADING = "Waar ben ik ingelogd?"


@pytest.fixture(autouse=True)
def nowhere_else(backroom: Backroom) -> None:
    """Let the town know nothing of sessions from other tests."""
    for key in list(backroom.redis.client.scan_iter("*:person")):
        backroom.redis.client.delete(key)


def at_the_app(visitor: Visitor) -> None:
    """Log in at the demo's app, in a browser of one's own."""
    visitor.start()
    visitor.log_in(HENDRIK)
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    visitor.consent(1)
    visitor.sees("Mijn gegevens")


def at_the_page(visitor: Visitor) -> None:
    """Log in at VAD and open the page; the login leads there."""
    visitor.open(f"{visitor.town.issuer}{PAGE}")
    visitor.sees("Inloggen bij VAD")
    visitor.log_in(HENDRIK)
    visitor.sees(HEADING)


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_a_login_elsewhere_is_stopped(new_visitor: NewVisitor, scripts: bool) -> None:  # noqa: FBT001
    """The page names the app of the other browser; one press, and that browser is logged out while this one stays."""
    elsewhere, here = new_visitor(scripts=scripts), new_visitor(scripts=scripts)
    at_the_app(elsewhere)
    at_the_page(here)
    other = here.page.get_by_role("region", name="Andere browser 1")
    expect(other).to_contain_text("Mijn Zorgmap")
    here.press("#stop-1")
    expect(here.page.get_by_role("alert")).to_contain_text("U bent daar nu uitgelogd.")
    expect(here.page.get_by_role("region", name="Andere browser 1")).to_have_count(0)
    elsewhere.open(f"{elsewhere.town.issuer}{PAGE}")
    elsewhere.sees("Inloggen bij VAD")
    here.page.reload()
    here.sees(HEADING)


def test_the_keyboard_is_enough(new_visitor: NewVisitor) -> None:
    """The same with Tab and Enter alone, by the links of the citizen's own pages."""
    elsewhere, here = new_visitor(), new_visitor()
    at_the_app(elsewhere)
    at_the_page(here)
    here.open(f"{here.town.issuer}/mijn/toestemmingen")
    here = here.with_hands(Hands.KEYBOARD)
    here.press(f"a[href='{PAGE}']")
    here.sees(HEADING)
    here.press("#stop-1")
    expect(here.page.get_by_role("alert")).to_be_visible()


def test_all_other_browsers_at_once(new_visitor: NewVisitor) -> None:
    """One button for all of them, once there is more than one."""
    first, second, here = new_visitor(), new_visitor(), new_visitor()
    at_the_app(first)
    at_the_page(here)
    expect(here.page.locator("#stop-others")).to_have_count(0)
    at_the_page(second)
    here.page.reload()
    here.press("#stop-others")
    expect(here.page.locator("main")).to_contain_text("U bent nergens anders ingelogd.")
    for elsewhere in (first, second):
        elsewhere.open(f"{elsewhere.town.issuer}{PAGE}")
        elsewhere.sees("Inloggen bij VAD")


def test_the_pages_of_my_sessions(new_visitor: NewVisitor) -> None:
    """Each page on the way passes everything that a page must."""
    elsewhere, here = new_visitor(), new_visitor()
    at_the_app(elsewhere)
    at_the_page(here)
    gate(here, "sessions")
    here.press("#stop-1")
    expect(here.page.get_by_role("alert")).to_be_visible()
    gate(here, "sessions-stopped")
