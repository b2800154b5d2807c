"""Where am I logged in?: the person sees where they are logged in, and stops it there."""

from collections.abc import Callable

import pytest

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, PIETER, Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

SOURCE = "https://source.example"
PAGE = "/mijn/sessies"


@pytest.fixture(autouse=True)
def forgotten(backroom: Backroom) -> None:
    """Let the town know nothing of sessions from before: one town serves every test."""
    forget_index(backroom)


def forget_index(backroom: Backroom) -> None:
    """Lose what tells which sessions a person has."""
    for key in list(backroom.redis.client.scan_iter("*:person")):
        backroom.redis.client.delete(key)


def logged_in(person: Person, bsn: str) -> Person:
    """Log in at VAD itself and open the page."""
    person.open(f"{person.town.issuer}{PAGE}")
    if "login-submit" in person.page.elements:
        person.log_in(bsn)
        person.open(f"{person.town.issuer}{PAGE}")
    return person


def live(person: Person) -> bool:
    """Whether this browser is still logged in."""
    return person.send("GET", PAGE).status_code == 200


def test_a_session_elsewhere_is_seen_and_stopped_with_its_access(
    rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """The page names the app of the other session; stopping it ends its grants and the session, and this one stays."""
    elsewhere, here = new_person(), new_person()
    own = tokens(rp, elsewhere, (SOURCE,), "openid 51", FROUKE)
    logged_in(here, FROUKE)
    assert "Andere browser 1" in here.page.text
    assert "stop-others" not in here.page.elements
    page = here.press("stop-1")
    assert "U bent daar nu uitgelogd." in page.text
    assert "U bent nergens anders ingelogd." in page.text
    assert live(here)
    assert not live(elsewhere)
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    (ended,) = backroom.events("session.ended")
    assert ended["reason"] == "stopped"


def test_an_idle_session_can_still_be_stopped(
    rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom
) -> None:
    """After idle time its apps still have access, so the page still shows it."""
    elsewhere, here = new_person(), new_person()
    own = tokens(rp, elsewhere, (SOURCE,), "openid 51", FROUKE)
    backroom.make_idle(elsewhere.cookies["vad_session"])
    logged_in(here, FROUKE).press("stop-1")
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"


def test_all_others_are_stopped_at_once(new_person: Callable[[], Person]) -> None:
    """One button ends every other session of the person, and no session of somebody else."""
    first, second, here, somebody = (new_person() for _ in range(4))
    for person in (first, second):
        logged_in(person, FROUKE)
    logged_in(somebody, PIETER)
    assert "U bent nergens anders ingelogd." in somebody.page.text
    logged_in(here, FROUKE).press("stop-others")
    assert not live(first)
    assert not live(second)
    assert live(here)
    assert live(somebody)


def test_nobody_stops_a_session_of_somebody_else(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """Whoever knows the `sid` of another person's session can do nothing with it."""
    frouke, pieter = logged_in(new_person(), FROUKE), logged_in(new_person(), PIETER)
    session = backroom.sessions.get(frouke.cookies["vad_session"])
    assert session is not None
    logged_in(new_person(), PIETER)
    pieter.open(f"{pieter.town.issuer}{PAGE}")
    form = pieter.filled_in("stop-1") | {"sid": [session.sid]}
    answer = pieter.send("POST", PAGE, form)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(PAGE)
    assert live(frouke)


def test_a_forged_form_stops_nothing(new_person: Callable[[], Person]) -> None:
    """Without the proof that the form is ours, nothing ends."""
    elsewhere, here = logged_in(new_person(), FROUKE), logged_in(new_person(), FROUKE)
    form = here.filled_in("stop-1") | {"csrf_token": ["x" * 64]}
    assert here.send("POST", PAGE, form).status_code == 400
    assert live(elsewhere)


def test_a_lost_index_shows_this_browser_alone(new_person: Callable[[], Person], backroom: Backroom) -> None:
    """The index may be lost; the page then still works, and nobody is logged out by that."""
    elsewhere, here = logged_in(new_person(), FROUKE), logged_in(new_person(), FROUKE)
    forget_index(backroom)
    logged_in(here, FROUKE)
    assert "U bent nergens anders ingelogd." in here.page.text
    assert live(elsewhere)


def test_the_page_needs_a_login(vad_town: Town, person: Person) -> None:
    """Somebody who is not logged in comes to the login page."""
    assert "login-submit" in person.open(f"{vad_town.issuer}{PAGE}").elements
