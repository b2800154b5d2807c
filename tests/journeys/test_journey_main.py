"""The main job as a person lives it: one login at an app, the data of three sources, and who has seen it."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import SNAPSHOTS, STATES, gate
from tests.support.person import FROUKE
from tests.support.visitor import Hands, NewVisitor, Visitor

pytestmark = pytest.mark.journey

SOURCES = ("Ziekenhuis Oost", "Huisartsenpraktijk De Linde", "RIVM")


def go_the_whole_way(visitor: Visitor) -> None:
    """From the app's home to being logged out of VAD, in Dutch."""
    visitor.open(visitor.town.address("pgo"))
    visitor.sees("Bekijk uw medische gegevens")
    visitor.press("#login")
    visitor.sees("Inloggen bij Mijn Zorgmap")
    visitor.press("#login-submit")
    visitor.sees("Inloggen als testpersoon")
    visitor.choose(f"#person-{FROUKE}")
    visitor.press("#login-submit")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    visitor.consent(1, 2, 3)
    visitor.sees("Mijn gegevens")
    assert_data_of_three_sources(visitor)
    visitor.open(f"{visitor.town.issuer}/mijn/activiteit")
    visitor.sees("Wie heeft mijn gegevens bekeken?")
    newest = visitor.page.locator("tbody tr").filter(has_text="App kreeg toegang")
    for number, source in enumerate(reversed(SOURCES)):
        expect(newest.nth(number)).to_contain_text(source)
    visitor.press("#logout")
    visitor.sees("U bent uitgelogd")
    expect(visitor.page.locator("#logout")).to_have_count(0)


def assert_data_of_three_sources(visitor: Visitor) -> None:
    """Side by side, each under its own name and with data of its own kind in it."""
    shown = visitor.page.locator("section[data-outcome=data]")
    expect(shown.locator("h2")).to_have_text(SOURCES)
    expect(shown.nth(0)).to_contain_text("Penicilline")
    expect(shown.nth(1).get_by_role("listitem").first).to_be_visible()
    expect(shown.nth(2)).to_contain_text("Bof, mazelen en rodehond (BMR)")
    tops = [shown.nth(number).evaluate("e => e.getBoundingClientRect().top") for number in range(len(SOURCES))]
    assert len(set(tops)) == 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
def test_one_login_shows_the_data_of_three_sources(new_visitor: NewVisitor, scripts: bool) -> None:  # noqa: FBT001
    """The main journey; nothing needs a script."""
    go_the_whole_way(new_visitor(scripts=scripts))


def test_the_keyboard_is_enough(new_visitor: NewVisitor) -> None:
    """The same with Tab, Space and Enter alone; at each stop on the way the focus can be seen (WCAG 2.1.1, 2.4.7)."""
    go_the_whole_way(new_visitor(Hands.KEYBOARD))


def test_english_once_chosen_stays(visitor: Visitor) -> None:
    """Who chooses English on a page of VAD reads English from there on, after DigiD and after logging out too."""
    visitor.start()
    visitor.sees("Inloggen bij Mijn Zorgmap")
    visitor.press("a[hreflang=en]")
    visitor.sees("Log in to Mijn Zorgmap")
    visitor.log_in(FROUKE)
    visitor.sees("May Mijn Zorgmap receive this data?")
    visitor.consent(1, 2, 3)
    visitor.sees("Mijn gegevens")
    visitor.press("a[hreflang=en]")
    visitor.sees("My data")
    assert_data_of_three_sources(visitor)
    visitor.open(f"{visitor.town.issuer}/mijn/activiteit")
    visitor.sees("Who has seen my data?")
    expect(visitor.page.locator("tbody tr").first).to_contain_text("App received access")
    visitor.press("#logout")
    visitor.sees("You are logged out")


def test_the_pages_of_the_main_journey(visitor: Visitor) -> None:
    """Each page on the way passes everything that a page must."""
    visitor.open(visitor.town.address("pgo"))
    gate(visitor, "pgo-home")
    visitor.press("#login")
    visitor.sees("Inloggen bij Mijn Zorgmap")
    gate(visitor, "login")
    visitor.press("#login-submit")
    visitor.sees("Inloggen als testpersoon")
    gate(visitor, "digid")
    visitor.choose(f"#person-{FROUKE}")
    visitor.press("#login-submit")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    expect(visitor.page.locator("input:checked")).to_have_count(0)
    assert_equal_weight(visitor, "#consent-give", "#consent-refuse")
    gate(visitor, "consent")
    visitor.consent(1, 2, 3)
    visitor.sees("Mijn gegevens")
    gate(visitor, "pgo-data")
    visitor.open(f"{visitor.town.issuer}/mijn/activiteit")
    visitor.press("#logout")
    visitor.sees("U bent uitgelogd")
    gate(visitor, "logged-out")


def assert_equal_weight(visitor: Visitor, *buttons: str) -> None:
    """No answer is pushed: the buttons are of the same height, colours and weight."""
    look = "e => [e.offsetHeight, ...['backgroundColor', 'color', 'fontWeight'].map(p => getComputedStyle(e)[p])]"
    looks = [visitor.page.locator(button).evaluate(look) for button in buttons]
    assert all(each == looks[0] for each in looks)


def test_every_record_is_of_a_page() -> None:
    """A record that no page has any more is removed."""
    found = {re.sub(r"\.(nl|en)\.aria\.txt$", "", file.name) for file in SNAPSHOTS.iterdir()}
    assert found == set(STATES)
