"""P14: what apps may do, and stopping it at once."""

from collections.abc import Callable

from tests.support.person import FROUKE, PIETER, Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.sandbox.demo.browser import Form, Page

SOURCE = "https://source.example"


def log_in_to_vad(person: Person, bsn: str) -> None:
    """Go to the page as somebody who uses no app."""
    person.open(f"{person.town.issuer}/mijn/toestemmingen")
    if "login-submit" in person.page.elements:
        person.log_in(bsn)


def stop(person: Person, rp: RelyingParty) -> Page:
    """Stop everything that was given to this app."""
    return person.press(form_of(person, rp).buttons[0].identifier)


def form_of(person: Person, rp: RelyingParty) -> Form:
    """The form that stops this app: the person may have agreed to others too."""
    forms = [form for form in person.page.forms if any(field.value == rp.client_id for field in form.fields)]
    assert len(forms) == 1, f"{rp.client_id} is not there, or twice"
    return forms[0]


def test_a_stopped_consent_stops_every_token_at_once(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """After stopping, neither exchange nor refresh gives a token: each decides again (rule 3)."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    own = rp.redeem(asked, person.authorize(asked, duration="until_stopped")).json()
    assert rp.exchange(own["access_token"], SOURCE).status_code == 200
    person.open(f"{vad_town.issuer}/mijn/toestemmingen")
    assert "Laboratorium Noord" in person.page.text
    page = stop(person, rp)
    assert "De toestemming is gestopt." in page.text
    assert f'value="{rp.client_id}"' not in page.text
    assert rp.exchange(own["access_token"], SOURCE).json()["error"] == "invalid_grant"
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    assert "Toestemming gestopt" in person.open(f"{vad_town.issuer}/mijn/activiteit").text


def test_the_next_login_asks_again(rp: RelyingParty, person: Person) -> None:
    """A stopped consent is no consent: the page comes back."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    person.authorize(asked, duration="until_stopped")
    person.open(f"{person.town.issuer}/mijn/toestemmingen")
    stop(person, rp)
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    assert "consent-give" in person.page.elements


def test_nobody_stops_what_somebody_else_gave(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Stopping reaches one's own consents alone."""
    frouke, pieter = new_person(), new_person()
    own = tokens(rp, frouke, (SOURCE,), "openid 51", FROUKE)
    tokens(rp, pieter, (SOURCE,), "openid 51", PIETER)
    pieter.open(f"{pieter.town.issuer}/mijn/toestemmingen")
    stop(pieter, rp)
    assert rp.exchange(own["access_token"], SOURCE).status_code == 200


def test_a_forged_form_stops_nothing(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """Without the proof that the form is ours, nothing changes."""
    own = tokens(rp, person, (SOURCE,), "openid 51")
    person.open(f"{vad_town.issuer}/mijn/toestemmingen")
    for form in person.page.forms:
        for field in form.fields:
            if field.name == "csrf_token":
                field.value = "x" * len(field.value)
    assert stop(person, rp).status == 400
    assert rp.exchange(own["access_token"], SOURCE).status_code == 200


def test_the_page_needs_a_login(vad_town: Town, person: Person) -> None:
    """Somebody who is not logged in comes to the login page, and after it to their own pages."""
    assert "login-submit" in person.open(f"{vad_town.issuer}/mijn/toestemmingen").elements
    log_in_to_vad(person, FROUKE)
    assert person.page.url.startswith(f"{vad_town.issuer}/mijn/")
