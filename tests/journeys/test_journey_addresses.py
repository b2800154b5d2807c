"""Addresses that people come to by themselves: pages of explanation, the citizen's own, wrong and old ones."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import structlog
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.person import FROUKE
from tests.support.visitor import Visitor
from vad.adapters import logs

pytestmark = pytest.mark.journey

CODE = re.compile(r"Code: ([A-Z2-7]{4}-[A-Z2-7]{4})")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Give what VAD has written to its log, written as in production."""
    before, file = structlog.get_config(), tmp_path / "log"
    logs.configure("INFO")
    with file.open("wb") as stream:
        structlog.configure(cache_logger_on_first_use=False, logger_factory=structlog.BytesLoggerFactory(stream))
        yield file.read_text
        structlog.configure(**before)


def lines_with(written: str, code: str) -> list[dict[str, object]]:
    """Give the lines of the log that name this code."""
    return [json.loads(line) for line in written.splitlines() if code in line]


def code_on(visitor: Visitor) -> str:
    """Read the code off an error page."""
    found = CODE.search(visitor.page.locator("main").inner_text())
    assert found is not None
    return found[1]


def test_an_unknown_app_gets_no_redirect_but_a_code_for_the_log(visitor: Visitor, log: Callable[[], str]) -> None:
    """The person reads that it is not their fault, and a code; the log names the same code once (rule 31)."""
    asked = {"client_id": "nobody", "redirect_uri": "https://evil.example/", "response_type": "code"}
    visitor.open(f"{visitor.town.issuer}/authorize?{urlencode(asked)}")
    visitor.sees("Deze app is niet goed ingesteld")
    written = log()
    [line] = lines_with(written, code_on(visitor))
    assert (line["event"], line["status"], line["endpoint"]) == ("page_error", 400, "authorize.authorize")
    assert "evil.example" not in written
    gate(visitor, "app-not-set-up")


def test_a_page_that_does_not_exist(visitor: Visitor, log: Callable[[], str]) -> None:
    """The page has a code as well, and the address, which may hold what somebody typed, is not in the log."""
    visitor.open(f"{visitor.town.issuer}/{FROUKE}")
    visitor.sees("Pagina niet gevonden")
    written = log()
    [line] = lines_with(written, code_on(visitor))
    assert line["status"] == 404
    assert FROUKE not in written
    gate(visitor, "not-found")


def test_a_flow_that_is_over_cannot_be_taken_up_again(visitor: Visitor) -> None:
    """Who goes back to the consent page after answering it reads that the page no longer works, and what to do."""
    visitor.start()
    visitor.log_in(FROUKE)
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    visitor.consent(1)
    visitor.sees("Mijn gegevens")
    visitor.page.go_back()
    visitor.sees("Deze pagina werkt niet meer")
    expect(visitor.page.locator("main")).to_contain_text("Ga terug naar uw app en begin opnieuw.")
    gate(visitor, "expired")


def test_the_citizens_own_pages_ask_to_log_in_first(visitor: Visitor) -> None:
    """Without an app there is nothing to cancel; after DigiD comes the page that was asked for."""
    visitor.open(f"{visitor.town.issuer}/mijn")
    visitor.sees("Inloggen bij VAD")
    expect(visitor.page.locator("#cancel")).to_have_count(0)
    gate(visitor, "login-own")
    visitor.log_in(FROUKE)
    visitor.sees("Wie heeft mijn gegevens bekeken?")


@pytest.mark.parametrize(
    ("link", "state", "heading"),
    [
        ("Hulp en contact", "information-help", "Hulp en contact"),
        ("Privacy", "information-privacy", "Privacy"),
        ("Toegankelijkheid", "information-accessibility", "Toegankelijkheid"),
        ("Beveiligingsprobleem melden", "information-security", "Beveiligingsprobleem melden"),
    ],
)
def test_pages_of_explanation_stand_in_the_footer(visitor: Visitor, link: str, state: str, heading: str) -> None:
    """At the same place of every page (WCAG 3.2.6)."""
    visitor.open(f"{visitor.town.issuer}/inloggen")
    visitor.page.get_by_role("contentinfo").get_by_role("link", name=link, exact=True).click()
    visitor.sees(heading)
    gate(visitor, state)
