"""What a person meets when it does not go as hoped: saying no, failing, forgetting to choose, being too young."""

import pytest
from playwright.sync_api import expect

from tests.journeys.gate import gate
from tests.support.backroom import Backroom
from tests.support.person import CORNELIA_DECEASED, FROUKE, NOOR_15, ROBIN_UNCERTAIN_AGE, YUSUF_UNKNOWN_AGE
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from tests.support.visitor import NewVisitor, Visitor

pytestmark = pytest.mark.journey

ELISABETH = "999991978"
"""Nobody else's tests log in as her: her list of what happened is what happened here."""


def test_cancelling_on_the_login_page_goes_back_to_the_app(visitor: Visitor) -> None:
    """Nobody is sent to DigiD; the app says in its own words that there are no data."""
    visitor.start()
    visitor.press("#cancel")
    visitor.sees("Inloggen is niet gelukt")
    expect(visitor.page.locator("main")).to_contain_text("Inloggen is niet gelukt, of u stopte zelf.")
    gate(visitor, "pgo-error")


@pytest.mark.parametrize(
    ("outcome", "state", "words"),
    [
        ("cancel", "login-cancelled", "U heeft het inloggen met DigiD geannuleerd."),
        ("failure", "login-failed", "Mogelijk is er een storing bij de organisatie waar u inlogt."),
        ("too_low", "login-level", "Log in met de DigiD app met ID-check."),
    ],
)
def test_a_login_that_fails_can_be_tried_again(visitor: Visitor, outcome: str, state: str, words: str) -> None:
    """Back on the login page it says why, first of all; a second try goes on as if nothing had happened."""
    visitor.start()
    visitor.log_in(FROUKE, outcome=outcome)
    visitor.sees("Inloggen bij Mijn Zorgmap")
    expect(visitor.page.get_by_role("alert")).to_contain_text(words)
    gate(visitor, state)
    visitor.log_in(FROUKE)
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")


def test_no_consent_means_no_data(visitor: Visitor) -> None:
    """Saying no is one press of a button, and the app hears no more than that."""
    visitor.start()
    visitor.log_in(FROUKE)
    visitor.press("#consent-refuse")
    visitor.sees("Inloggen is niet gelukt")
    visitor.at(r"/fout\?code=access_denied")


def test_the_consent_page_says_what_is_missing_and_keeps_what_was_chosen(visitor: Visitor) -> None:
    """Each missing answer is named above and at its place; the link leads there; what was ticked stays (WCAG 3.3.1)."""
    visitor.start()
    visitor.log_in(FROUKE)
    visitor.press("#consent-give")
    visitor.sees("Mag Mijn Zorgmap deze gegevens krijgen?")
    errors = visitor.page.get_by_role("alert")
    expect(errors.get_by_role("link")).to_have_text(
        ["Kies minstens 1 organisatie", "Kies hoe lang uw toestemming geldt"]
    )
    gate(visitor, "consent-errors", english=False)
    errors.get_by_role("link", name="Kies minstens 1 organisatie").click()
    expect(visitor.page.locator("#source-1")).to_be_focused()
    visitor.choose("#source-2")
    visitor.press("#consent-give")
    expect(errors.get_by_role("link")).to_have_text(["Kies hoe lang uw toestemming geldt"])
    expect(visitor.page.locator("input:checked")).to_have_count(1)
    expect(visitor.page.locator("#source-2")).to_be_checked()
    gate(visitor, "consent-error-duration", english=False)
    visitor.press("#consent-refuse")
    visitor.sees("Inloggen is niet gelukt")


def test_one_source_chosen_is_one_source_shown(visitor: Visitor) -> None:
    """The others are not fetched, the app says why, and the person's own list shows that one alone (rule 42)."""
    visitor.start()
    visitor.log_in(ELISABETH)
    visitor.consent(3)
    visitor.sees("Mijn gegevens")
    expect(visitor.page.locator("section[data-outcome=no_consent] h2")).to_have_text(
        ["Ziekenhuis Oost", "Huisartsenpraktijk De Linde"]
    )
    gate(visitor, "pgo-one-source")
    visitor.open(f"{visitor.town.issuer}/mijn/activiteit")
    visitor.sees("Wie heeft mijn gegevens bekeken?")
    expect(visitor.page.locator("main")).not_to_contain_text("Ziekenhuis Oost")
    gate(visitor, "activity")


@pytest.mark.parametrize(
    ("bsn", "state", "heading"),
    [
        (NOOR_15, "refused-age", "U bent te jong om zelf een app te gebruiken"),
        (YUSUF_UNKNOWN_AGE, "refused-age-unknown", "U kunt niet verder naar Mijn Zorgmap"),
        (CORNELIA_DECEASED, "refused-deceased", "U kunt niet verder naar Mijn Zorgmap"),
    ],
)
def test_who_may_not_use_an_app_reads_why(visitor: Visitor, bsn: str, state: str, heading: str) -> None:
    """Before anything is asked; the app is told only that access was denied (rules 4 and 5)."""
    visitor.start()
    visitor.log_in(bsn)
    visitor.sees(heading)
    gate(visitor, state, english=False)
    visitor.press("#back")
    visitor.sees("Inloggen is niet gelukt")
    visitor.at(r"/fout\?code=access_denied")


def test_a_register_that_is_away_is_nobodys_fault(visitor: Visitor, vad_town: Town, backroom: Backroom) -> None:
    """Without an answer about a person's age nothing is given; the page says to try again later."""
    backroom.forget_evidence(ROBIN_UNCERTAIN_AGE)
    backroom.forget_minors()
    backroom.forget_names()
    with vad_town.misbehaving("brp", "error500"):
        visitor.start()
        visitor.log_in(ROBIN_UNCERTAIN_AGE)
        # Nobody can say whether there are children: whoever it is reads that, and can go on for themself.
        visitor.sees("Voor wie wilt u gegevens bekijken?")
        gate(visitor, "acting-choose-uncertain")
        visitor.choose("#represented-myself")
        visitor.press("#represented-continue")
        visitor.sees("U kunt niet verder naar Mijn Zorgmap")
        gate(visitor, "refused-register-away", english=False)
    backroom.wait_for_brp()


def test_an_app_that_asks_for_no_source(new_visitor: NewVisitor, rp: RelyingParty) -> None:
    """It asks for a login alone, so there is only a duration to choose."""
    visitor = new_visitor()
    visitor.open(rp.ask(resources=(), scope="openid").url)
    visitor.log_in(FROUKE)
    visitor.sees("Mag Test rp-one deze gegevens krijgen?")
    expect(visitor.page.get_by_role("checkbox")).to_have_count(0)
    gate(visitor, "consent-login-only")
