"""Switching off sharing: at once, for one app, one organisation or all who act, and on again (rules 3 and 45)."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.backroom import Backroom
from tests.support.person import PIETER, SAMIRA, Person, tokens
from tests.support.relying_party_client import RelyingParty

SOURCE = "https://source.example"
OTHER_SOURCE = "https://south.example"
PAGE = "/mijn/delen"


@pytest.fixture(autouse=True)
def nothing_left(backroom: Backroom) -> Iterator[None]:
    """Leave nothing switched off: one town serves every test."""
    yield
    backroom.ask("DELETE FROM blocks")


def switch_off(person: Person, what: str, identifier: str) -> None:
    """Choose this one on the page of apps or of organisations, and press the button."""
    page = person.open(f"{person.town.issuer}{PAGE}/{what}")
    (field,) = (field for form in page.forms for field in form.fields if field.value == identifier)
    assert "Het is uitgezet." in person.press("block-place", {field.identifier: True}).text


def switch_on(person: Person) -> None:
    """Press the button beside what is off."""
    person.open(f"{person.town.issuer}{PAGE}")
    assert "Het is weer aangezet." in person.press("lift-1").text


@pytest.mark.parametrize(("what", "identifier"), [("app", "rp-one"), ("organisatie", SOURCE)])
def test_what_is_off_counts_at_once_everywhere(
    rp: RelyingParty, source: RelyingParty, person: Person, what: str, identifier: str
) -> None:
    """Rule 3: refresh, exchange, introspection and userinfo read the blocks; within the same second (rule 45)."""
    held = tokens(rp, person, (SOURCE,), "openid 48 51", SAMIRA)
    at_source = rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    assert source.introspect(at_source).json()["active"]
    assert rp.userinfo(held["access_token"]).status_code == 200
    switch_off(person, what, identifier)
    began = time.monotonic()
    assert rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_grant"
    assert rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    assert source.introspect(at_source).json() == {"active": False}
    assert rp.userinfo(held["access_token"]).status_code == 401
    assert time.monotonic() - began < 1


def test_a_code_from_before(rp: RelyingParty, person: Person) -> None:
    """Rule 3: what was switched off between the code and its redemption gives nothing."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    code = person.authorize(asked, SAMIRA)
    switch_off(person, "app", rp.client_id)
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("resources", [(SOURCE,), ()])
def test_without_pages(rp: RelyingParty, person: Person, resources: tuple[str, ...]) -> None:
    """Rule 3: `prompt=none` gives no code either, for a source or for the login alone."""
    tokens(rp, person, (SOURCE,), "openid 51", SAMIRA)
    switch_off(person, "app", rp.client_id)
    scope = "openid 51" if resources else "openid"
    person.open(rp.ask(resources=resources, scope=scope, prompt="none").url)
    assert "error=access_denied" in person.urls[-1]


def test_a_block_is_stronger_than_a_live_consent(
    rp: RelyingParty, source: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """Rule 3: also where the consent was not ended with it, as when staff place it; and its end gives all back."""
    held = tokens(rp, person, (SOURCE,), "openid 48 51", SAMIRA)
    at_source = rp.exchange(held["access_token"], SOURCE).json()["access_token"]
    place = "INSERT INTO blocks VALUES (gen_random_uuid(), %s, 'client', %s, 'staff', now(), now() + interval '1 day')"
    backroom.ask(place, str(backroom.person_id(SAMIRA)), rp.client_id)
    assert rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_grant"
    assert source.introspect(at_source).json() == {"active": False}
    assert rp.userinfo(held["access_token"]).status_code == 401
    backroom.ask("UPDATE blocks SET lifted_at = now()")
    assert source.introspect(at_source).json()["active"]


def test_an_app_that_is_off_cannot_ask(rp: RelyingParty, other_rp: RelyingParty, person: Person) -> None:
    """The person reads the neutral text with the way to switch it on; the app hears `access_denied`; others go on."""
    tokens(rp, person, (SOURCE,), "openid 51", SAMIRA)
    switch_off(person, "app", rp.client_id)
    page = person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    assert "U kunt op dit moment geen gegevens bekijken met deze app." in page.text
    assert "Heeft u zelf iets uitgezet?" in page.text
    assert "error=access_denied" in page.elements["back"]["href"]
    assert "access_token" in tokens(other_rp, person, (SOURCE,), "openid 51", SAMIRA)


def test_a_source_that_is_off_is_left_out(rp: RelyingParty, person: Person) -> None:
    """The other sources of the request are asked about and given; for this one there is no token."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    switch_off(person, "organisatie", SOURCE)
    asked = rp.ask(resources=(SOURCE, OTHER_SOURCE), scope="openid 48 51")
    held = rp.redeem(asked, person.authorize(asked, SAMIRA)).json()
    assert rp.exchange(held["access_token"], SOURCE).json()["error"] == "invalid_target"
    assert "access_token" in rp.exchange(held["access_token"], OTHER_SOURCE).json()


def test_only_sources_that_are_off(rp: RelyingParty, person: Person) -> None:
    """Nothing is left to ask for: the request is refused, and no consent is asked."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    switch_off(person, "organisatie", SOURCE)
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    person.press("continue")
    assert "back" in person.page.elements
    assert "consent-give" not in person.page.elements


def test_switched_on_again_the_app_has_to_ask(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Rule 45: reversible and logged; what had been agreed to stays ended."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    held = rp.redeem(asked, person.authorize(asked, SAMIRA, duration="until_stopped")).json()
    switch_off(person, "app", rp.client_id)
    switch_on(person)
    assert rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant"
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    assert "consent-give" in person.page.elements
    placed, lifted = backroom.events("block.placed", "block.lifted")
    assert (placed["client_id"], lifted["client_id"]) == (rp.client_id, rp.client_id)
    assert placed["evidence"] == lifted["evidence"]
    assert {event["reason"] for event in backroom.events("consent.withdrawn")} == {"blocked"}
    text = person.open(f"{person.town.issuer}/mijn/activiteit").text
    assert "Delen uitgezet" in text
    assert "Delen weer aangezet" in text


def test_nobody_acts_for_whom_switched_that_off(person: Person) -> None:
    """One button; it is gone while it is off, and comes back."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    page = person.press("block-representation")
    assert "Niemand anders mag voor u gegevens bekijken." in page.text
    assert "block-representation" not in page.elements
    assert "Het is weer aangezet. Uw machtigingen blijven gestopt" in person.press("lift-1").text
    assert "block-representation" in person.page.elements
    text = person.open(f"{person.town.issuer}/mijn/activiteit").text
    assert "Kijken voor u uitgezet" in text
    assert "Kijken voor u weer aangezet" in text


def test_switching_off_twice_is_once(person: Person, backroom: Backroom) -> None:
    """The form pressed twice, or in two browsers: one block, one event."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    for _ in range(2):
        switch_off(person, "app", "rp-one")
    assert backroom.ask("SELECT count(*) FROM blocks") == [(1,)]
    assert len(backroom.events("block.placed")) == 1


def test_nobody_switches_on_what_somebody_else_switched_off(
    new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """Whoever knows the name of another's block can do nothing with it; nor can the subject with one of staff."""
    samira, pieter = new_person(), new_person()
    for person, bsn in ((samira, SAMIRA), (pieter, PIETER)):
        person.open(f"{person.town.issuer}{PAGE}")
        person.log_in(bsn)
        switch_off(person, "app", "rp-one")
    samira.open(f"{samira.town.issuer}{PAGE}")
    form = samira.filled_in("lift-1")
    pieter.open(f"{pieter.town.issuer}{PAGE}")
    assert pieter.send("POST", PAGE, pieter.filled_in("lift-1") | {"block": form["block"]}).status_code == 303
    assert backroom.ask("SELECT count(*) FROM blocks WHERE lifted_at IS NOT NULL") == [(0,)]
    backroom.ask("UPDATE blocks SET placed_by = 'staff', until = now() + interval '1 day'")
    assert "lift-1" not in samira.open(f"{samira.town.issuer}{PAGE}").elements
    assert samira.send("POST", PAGE, form).status_code == 303
    assert backroom.ask("SELECT count(*) FROM blocks WHERE lifted_at IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("chosen", [{}, {"target": "nobody"}, {"target": ""}])
def test_nothing_or_something_unknown_was_chosen(person: Person, backroom: Backroom, chosen: dict[str, str]) -> None:
    """The page says what is missing, and nothing is switched off."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    person.open(f"{person.town.issuer}{PAGE}/app")
    form = person.filled_in("block-place") | {name: [value] for name, value in chosen.items()}
    answer = person.send("POST", f"{PAGE}/app", form)
    assert answer.status_code == 400
    assert "Kies een app" in answer.text
    assert backroom.ask("SELECT count(*) FROM blocks") == [(0,)]


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}/app", f"{PAGE}/organisatie"])
def test_a_forged_form_changes_nothing(person: Person, backroom: Backroom, address: str) -> None:
    """Without the proof that the form is ours nothing is switched off."""
    person.open(f"{person.town.issuer}{PAGE}")
    person.log_in(SAMIRA)
    forged = {"csrf_token": "x" * 64, "action": "representation", "target": "rp-one"}
    assert person.send("POST", address, forged).status_code == 400
    assert backroom.ask("SELECT count(*) FROM blocks") == [(0,)]


@pytest.mark.parametrize("address", [PAGE, f"{PAGE}/app", f"{PAGE}/organisatie"])
def test_the_pages_need_a_login(person: Person, address: str) -> None:
    """Somebody who is not logged in comes to the login page, and from there to the first of them."""
    assert "login-submit" in person.open(f"{person.town.issuer}{address}").elements
    person.log_in(SAMIRA)
    assert person.page.address.endswith(PAGE)
