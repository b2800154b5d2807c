"""P14: what apps may do, and stopping it at once."""

from collections.abc import Callable

from tests.support.person import FROUKE, PIETER, Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

SOURCE = "https://source.example"


def log_in_to_vad(person: Person, bsn: str) -> None:
    """Go to the page as somebody who uses no app."""
    person.open(f"{person.town.issuer}/mijn/toestemmingen")
    if "login-submit" in person.page.elements:
        person.log_in(bsn)


def test_a_stopped_consent_stops_every_token_at_once(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """After stopping, neither exchange nor refresh gives a token: each decides again (rule 3)."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    own = rp.redeem(asked, person.authorize(asked, duration="until_stopped")).json()
    assert rp.exchange(own["access_token"], SOURCE).status_code == 200
    page = person.open(f"{vad_town.issuer}/mijn/toestemmingen")
    assert "Laboratorium Noord" in page.text
    page = person.press("stop-1")
    assert "De toestemming is gestopt." in page.text
    assert "Laboratorium Noord" not in page.text
    assert rp.exchange(own["access_token"], SOURCE).json()["error"] == "invalid_grant"
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    assert "Toestemming gestopt" in person.open(f"{vad_town.issuer}/mijn/activiteit").text


def test_the_next_login_asks_again(rp: RelyingParty, person: Person) -> None:
    """A stopped consent is no consent: the page comes back."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    person.authorize(asked, duration="until_stopped")
    person.open(f"{person.town.issuer}/mijn/toestemmingen")
    person.press("stop-1")
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    assert "consent-give" in person.page.elements


def test_nobody_stops_what_somebody_else_gave(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Stopping reaches one's own consents alone."""
    frouke, pieter = new_person(), new_person()
    own = tokens(rp, frouke, (SOURCE,), "openid 51", FROUKE)
    tokens(rp, pieter, (SOURCE,), "openid 51", PIETER)
    pieter.open(f"{pieter.town.issuer}/mijn/toestemmingen")
    pieter.press("stop-1")
    assert rp.exchange(own["access_token"], SOURCE).status_code == 200


def test_a_forged_form_stops_nothing(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """Without the proof that the form is ours, nothing changes."""
    own = tokens(rp, person, (SOURCE,), "openid 51")
    person.open(f"{vad_town.issuer}/mijn/toestemmingen")
    for form in person.page.forms:
        for field in form.fields:
            if field.name == "csrf_token":
                field.value = "x" * len(field.value)
    assert person.press("stop-1").status == 400
    assert rp.exchange(own["access_token"], SOURCE).status_code == 200


def test_the_page_needs_a_login(vad_town: Town, person: Person) -> None:
    """Somebody who is not logged in comes to the login page, and after it to their own pages."""
    assert "login-submit" in person.open(f"{vad_town.issuer}/mijn/toestemmingen").elements
    log_in_to_vad(person, FROUKE)
    assert person.page.url.startswith(f"{vad_town.issuer}/mijn/")
