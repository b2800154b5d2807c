"""Addresses that people come to by themselves: pages of explanation, the citizen's own, wrong and old ones."""

import json
import logging
import re
from collections.abc import Iterator
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
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Give VAD's log, written as in production."""
    before = structlog.get_config()
    logs.configure("INFO")
    structlog.configure(cache_logger_on_first_use=False)
    caplog.set_level(logging.INFO)
    yield caplog
    structlog.configure(**before)


def lines_with(log: pytest.LogCaptureFixture, code: str) -> list[dict[str, object]]:
    """Give the lines of the log that name this code."""
    written = [json.loads(logs.formatter().format(record)) for record in log.records]
    return [line for line in written if code in json.dumps(line)]


def code_on(visitor: Visitor) -> str:
    """Read the code off an error page."""
    found = CODE.search(visitor.page.locator("main").inner_text())
    assert found is not None
    return found[1]


def test_an_unknown_app_gets_no_redirect_but_a_code_for_the_log(
    visitor: Visitor, log: pytest.LogCaptureFixture
) -> None:
    """The person reads that it is not their fault, and a code; the log names the same code once (rule 31)."""
    asked = {"client_id": "nobody", "redirect_uri": "https://evil.example/", "response_type": "code"}
    visitor.open(f"{visitor.town.issuer}/authorize?{urlencode(asked)}")
    visitor.sees("Deze app is niet goed ingesteld")
    [line] = lines_with(log, code_on(visitor))
    assert (line["event"], line["status"], line["endpoint"]) == ("page_error", 400, "authorize.authorize")
    assert "evil.example" not in log.text
    gate(visitor, "app-not-set-up")


def test_a_page_that_does_not_exist(visitor: Visitor, log: pytest.LogCaptureFixture) -> None:
    """The page has a code as well, and the address, which may hold what somebody typed, is not in the log."""
    visitor.open(f"{visitor.town.issuer}/{FROUKE}")
    visitor.sees("Pagina niet gevonden")
    [line] = lines_with(log, code_on(visitor))
    assert line["status"] == 404
    assert FROUKE not in log.text
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
