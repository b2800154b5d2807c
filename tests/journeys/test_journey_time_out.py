"""A login that ends by time, in a real browser: the warning, staying, and finding one's answers again (P16)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.gate import gate
from tests.support.accessibility import assert_accessible, assert_no_horizontal_scroll
from tests.support.backroom import Backroom
from tests.support.focus import focus_can_be_seen
from tests.support.person import FROUKE, PIETER
from tests.support.visitor import NewVisitor, Visitor

pytestmark = pytest.mark.journey

CONSENT = "Mag Mijn Zorgmap deze gegevens krijgen?"
RENEWED = "**/auth/session/renew"


def at_consent(visitor: Visitor) -> None:
    """Stand before the consent page of the demo's app, with two answers filled in."""
    visitor.start()
    visitor.log_in(FROUKE)
    visitor.sees(CONSENT)
    visitor.choose("#source-1")
    visitor.choose("#duration-once")


def at_activity(visitor: Visitor) -> None:
    """Stand at one's own activity."""
    visitor.open(f"{visitor.town.issuer}/mijn/activiteit")
    visitor.log_in(FROUKE)
    visitor.sees("Wie heeft mijn gegevens bekeken?")


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    """Give a visitor whose browser's clock can be put forward."""
    made = new_visitor()
    made.page.clock.install()
    return made


def cookie_of(visitor: Visitor) -> str:
    """The session cookie of this browser."""
    (found,) = (each for each in visitor.page.context.cookies() if each.get("name") == "vad_session")
    return found.get("value", "")


def dialog(visitor: Visitor) -> Locator:
    """The warning."""
    return visitor.page.get_by_role("dialog", name="Bijna uitgelogd")


def let_time_pass(visitor: Visitor, backroom: Backroom, minutes: int) -> None:
    """Nobody does anything for so long, in the browser and for VAD alike."""
    backroom.change_session(cookie_of(visitor), last_active=datetime.now(UTC) - timedelta(minutes=minutes))
    visitor.page.clock.fast_forward(minutes * 60_000)


def press_stay(visitor: Visitor) -> None:
    """With the mouse."""
    visitor.press("#timeout-stay")


def press_escape(visitor: Visitor) -> None:
    """With the keyboard: Escape is an answer as well."""
    visitor.page.keyboard.press("Escape")


def press_enter(visitor: Visitor) -> None:
    """With the keyboard: the button has the focus."""
    visitor.page.keyboard.press("Enter")


@pytest.mark.parametrize("stay", [press_stay, press_escape, press_enter])
def test_who_answers_the_warning_stays(visitor: Visitor, backroom: Backroom, stay: Callable[[Visitor], None]) -> None:
    """Two minutes before: a dialog that takes the focus and gives it back; the login goes on, and so do the answers."""
    at_consent(visitor)
    let_time_pass(visitor, backroom, 12)
    expect(dialog(visitor)).to_be_hidden()
    let_time_pass(visitor, backroom, 1)
    expect(dialog(visitor)).to_be_visible()
    expect(visitor.page.locator("#timeout-stay")).to_be_focused()
    with visitor.page.expect_response(RENEWED) as renewed:
        stay(visitor)
    assert renewed.value.status == 204
    expect(dialog(visitor)).to_be_hidden()
    expect(visitor.page.locator("#duration-once")).to_be_focused()
    session = backroom.sessions.get(cookie_of(visitor))
    assert session is not None
    assert session.last_active > datetime.now(UTC) - timedelta(minutes=1)
    let_time_pass(visitor, backroom, 12)
    expect(dialog(visitor)).to_be_hidden()
    visitor.press("#consent-give")
    visitor.sees("Mijn gegevens")


def test_the_warning_can_be_read_by_everybody(visitor: Visitor, backroom: Backroom) -> None:
    """No axe violation, nothing sticks out, the focus is seen and stays inside, and the last minute is said aloud."""
    at_activity(visitor)
    let_time_pass(visitor, backroom, 13)
    expect(dialog(visitor)).to_be_visible()
    expect(dialog(visitor)).to_have_accessible_description("U wordt over 2 minuten uitgelogd.")
    expect(dialog(visitor)).to_match_aria_snapshot("""
        - dialog "Bijna uitgelogd":
          - heading "Bijna uitgelogd" [level=2]
          - status: U wordt over 2 minuten uitgelogd.
          - button "Ingelogd blijven"
    """)
    for scheme in ("active", "none"):
        visitor.page.emulate_media(forced_colors=scheme)
        assert_accessible(visitor.page)
        assert focus_can_be_seen(visitor.page)
    assert_no_horizontal_scroll(visitor.page)
    for _ in range(4):
        visitor.page.keyboard.press("Tab")
        assert visitor.page.evaluate("!document.activeElement.closest('main, header, footer')")
    visitor.page.clock.fast_forward(61_000)
    expect(dialog(visitor).get_by_role("status")).to_have_text("U wordt over 1 minuut uitgelogd.")


def test_the_warning_speaks_english(visitor: Visitor, backroom: Backroom) -> None:
    """As the page does."""
    at_activity(visitor)
    visitor.press("a[hreflang=en]")
    visitor.sees("Who has seen my data?")
    let_time_pass(visitor, backroom, 13)
    expect(visitor.page.get_by_role("dialog", name="Nearly logged out")).to_match_aria_snapshot("""
        - dialog "Nearly logged out":
          - heading "Nearly logged out" [level=2]
          - status: You will be logged out in 2 minutes.
          - button "Stay logged in"
    """)


def test_the_answers_are_there_again(visitor: Visitor, backroom: Backroom) -> None:
    """Nobody answers: the page is left by itself. The same person finds their answers after logging in again."""
    at_consent(visitor)
    let_time_pass(visitor, backroom, 15)
    visitor.sees("Inloggen bij Mijn Zorgmap")
    expect(visitor.page.get_by_role("region", name="Uitgelogd")).to_contain_text(
        "U bent uitgelogd omdat u 15 minuten niets deed. Log opnieuw in. Wat u invulde, is bewaard."
    )
    gate(visitor, "login-ended-kept")
    visitor.log_in(FROUKE)
    visitor.sees(CONSENT)
    expect(visitor.page.locator("#source-1")).to_be_checked()
    expect(visitor.page.locator("#source-2")).not_to_be_checked()
    expect(visitor.page.locator("#duration-once")).to_be_checked()
    gate(visitor, "consent-restored", english=False)
    visitor.press("#consent-give")
    visitor.sees("Mijn gegevens")


def test_the_next_person_finds_nothing(visitor: Visitor, backroom: Backroom) -> None:
    """At a shared computer: what the one filled in is nothing to the other."""
    at_consent(visitor)
    let_time_pass(visitor, backroom, 15)
    visitor.sees("Inloggen bij Mijn Zorgmap")
    visitor.log_in(PIETER)
    visitor.sees(CONSENT)
    expect(visitor.page.locator("input:checked")).to_have_count(0)
    expect(visitor.page.get_by_role("region", name="Bewaard")).to_have_count(0)


def test_a_page_to_read_is_left_too(visitor: Visitor, backroom: Backroom) -> None:
    """Nothing stays on the screen for the next one, and logging in again leads back."""
    at_activity(visitor)
    let_time_pass(visitor, backroom, 15)
    visitor.sees("Inloggen bij VAD")
    gate(visitor, "login-ended")
    visitor.log_in(FROUKE)
    visitor.sees("Wie heeft mijn gegevens bekeken?")


def test_two_hours_are_the_end(visitor: Visitor, backroom: Backroom) -> None:
    """Before the absolute end there is nothing to press but "Sluiten": the page says why, and does not ask again."""
    at_activity(visitor)
    cookie = cookie_of(visitor)
    backroom.change_session(cookie, auth_time=datetime.now(UTC) - timedelta(hours=1, minutes=59))
    visitor.page.reload()
    expect(dialog(visitor)).to_be_visible()
    expect(visitor.page.locator("#timeout-close")).to_be_focused()
    expect(visitor.page.locator("#timeout-stay")).to_be_hidden()
    expect(dialog(visitor)).to_contain_text("Langer dan 2 uur ingelogd blijven kan niet.")
    assert_accessible(visitor.page)
    visitor.press("#timeout-close")
    expect(dialog(visitor)).to_be_hidden()
    visitor.page.clock.fast_forward(20_000)
    expect(dialog(visitor)).to_be_hidden()
    backroom.sessions.forget(cookie)
    visitor.page.clock.fast_forward(60_000)
    visitor.sees("Inloggen bij VAD")


def test_another_tab_counts(visitor: Visitor, backroom: Backroom) -> None:
    """Who is busy in one tab is not warned in the other; and a page that asks too early stays as it is."""
    at_consent(visitor)
    let_time_pass(visitor, backroom, 14)
    expect(dialog(visitor)).to_be_visible()
    other = visitor.page.context.new_page()
    other.goto(f"{visitor.town.issuer}/mijn/activiteit")
    expect(other.locator("h1")).to_have_text("Wie heeft mijn gegevens bekeken?")
    expect(dialog(visitor)).to_be_hidden()
    with visitor.page.expect_response("**/toestemming?*") as answer:
        visitor.page.clock.fast_forward(16 * 60_000)
    assert answer.value.status == 204
    expect(visitor.page.locator("#source-1")).to_be_checked()
    assert visitor.page.locator("input[value=keep]").count() == 0


def test_a_server_that_does_not_answer(visitor: Visitor, backroom: Backroom) -> None:
    """The button says that it did not work, and works when the way is free again."""
    at_activity(visitor)
    let_time_pass(visitor, backroom, 13)
    expect(dialog(visitor)).to_be_visible()
    visitor.page.route(RENEWED, lambda route: route.fulfill(status=200, body=""))
    visitor.press("#timeout-stay")
    expect(dialog(visitor).get_by_role("status")).to_have_text("Dat is niet gelukt. Druk nog een keer op de knop.")
    visitor.page.unroute(RENEWED)
    visitor.press("#timeout-stay")
    expect(dialog(visitor)).to_be_hidden()


def test_without_scripts_the_answers_are_kept_too(new_visitor: NewVisitor, backroom: Backroom) -> None:
    """Nothing warns and nothing reloads; the limit stands on the page. Who is too late logs in, and goes on."""
    visitor = new_visitor(scripts=False)
    at_consent(visitor)
    expect(visitor.page.get_by_role("contentinfo")).to_contain_text("Doet u 15 minuten niets? Dan loggen we u uit.")
    expect(visitor.page.locator("meta[http-equiv]")).to_have_count(0)
    backroom.make_idle(cookie_of(visitor))
    visitor.press("#consent-give")
    visitor.sees("Inloggen bij Mijn Zorgmap")
    expect(visitor.page.locator("main")).to_contain_text("Wat u invulde, is bewaard.")
    visitor.log_in(FROUKE)
    visitor.sees(CONSENT)
    expect(visitor.page.locator("#source-1")).to_be_checked()
    expect(visitor.page.locator("#duration-once")).to_be_checked()
    visitor.press("#consent-give")
    visitor.sees("Mijn gegevens")
