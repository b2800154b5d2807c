"""Logging out (page P17, rule 36): visible, complete, and only by the person."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, Person, tokens
from tests.support.relying_party_client import RelyingParty

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
LOST = "Wij konden niet zien bij welke apps u was ingelogd."


def at_home(person: Person) -> Person:
    """Look at one's own pages."""
    person.open(f"{person.town.issuer}/mijn/activiteit")
    return person


def test_logging_out_ends_everything(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """The session is gone here and in Redis, so are its grants; the page says so and clears what the site stored."""
    own = tokens(rp, person, (SOURCE,), "openid 51", FROUKE)
    cookie = person.cookies["vad_session"]
    page = at_home(person).press("logout")
    assert page.heading == "U bent uitgelogd"
    assert "Sluit uw browser als anderen deze computer gebruiken." in page.text
    assert "logout" not in page.elements
    assert person.seen[-1].headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "vad_session" not in person.cookies
    assert backroom.sessions.get(cookie) is None
    (ended,) = backroom.events("session.ended")
    assert ended["reason"] == "logged_out"
    assert ended["actor"] == str(backroom.person_id(FROUKE))
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.exchange(own["access_token"], SOURCE).status_code == 400
    assert at_home(person).page.heading == "Inloggen bij VAD"


def test_a_code_from_before_logging_out_is_dead(rp: RelyingParty, person: Person) -> None:
    """A code that was not redeemed yet gives nothing after logging out."""
    asked = rp.ask(resources=(SOURCE,), scope="openid 51")
    code = person.authorize(asked, FROUKE)
    at_home(person).press("logout")
    assert rp.redeem(asked, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("kind", ["missing", "empty", "garbage", "another session's", "the flow's"])
def test_nobody_else_logs_a_person_out(
    rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom, kind: str
) -> None:
    """A form that is not ours for this session changes nothing: cookie, session and grants stay."""
    person, other = new_person(), new_person()
    for each in (person, other):
        each.open(f"{each.town.issuer}/inloggen")
        each.log_in(FROUKE)
    foreign = other.filled_in("logout")["csrf_token"]
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    of_flow = person.filled_in("continue")["csrf_token"]
    forms = {"missing": [], "empty": [""], "garbage": ["x" * 64], "another session's": foreign, "the flow's": of_flow}
    answer = person.send("POST", "/uitloggen", {"csrf_token": forms[kind]})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert person.send("GET", "/mijn/activiteit").status_code == 200
    assert backroom.events("session.ended") == []


def test_another_sites_form_does_not_drop_the_cookie(person: Person, backroom: Backroom) -> None:
    """A form from elsewhere comes without cookies (SameSite=Lax): its answer must not make the browser drop one."""
    answer = person.send("POST", "/uitloggen", {"csrf_token": "x"})
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    assert backroom.events("session.ended") == []


def test_without_a_session_the_page_says_the_same(person: Person) -> None:
    """Logging out twice is no error; opening the address only shows the page."""
    person.open(f"{person.town.issuer}/inloggen")
    person.log_in(FROUKE)
    form = person.filled_in("logout")
    person.press("logout")
    assert person.send("POST", "/uitloggen", form).headers["Location"] == "/uitgelogd"
    assert person.open(f"{person.town.issuer}/uitgelogd").status == 200


def test_a_session_that_is_gone_already_is_no_error(person: Person, backroom: Backroom) -> None:
    """The form of a session that ended meanwhile still leads to the page, and the browser drops its cookie."""
    person.open(f"{person.town.issuer}/inloggen")
    person.log_in(FROUKE)
    backroom.end_session(person.cookies["vad_session"])
    assert person.press("logout").heading == "U bent uitgelogd"
    assert LOST in person.page.text
    assert "vad_session" not in person.cookies


def test_what_redis_lost_is_not_said_to_have_ended(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Grants of a session that Redis lost go on for two hours at most, and the page says so; else it does not."""
    own = tokens(rp, person, (SOURCE,), "openid 51", FROUKE)
    at_home(person)
    backroom.redis.client.flushall()
    assert LOST in person.press("logout").text
    hint = urlencode({"id_token_hint": own["id_token"]})
    assert LOST in person.open(f"{rp.issuer}/logout?{hint}").text
    assert LOST not in person.open(f"{rp.issuer}/logout").text
    person.open(f"{rp.issuer}/inloggen")
    person.log_in(FROUKE)
    assert LOST not in person.log_out().text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_a_form_logs_out(person: Person, method: str) -> None:
    """A link or an image can't log anybody out."""
    person.open(f"{person.town.issuer}/inloggen")
    person.log_in(FROUKE)
    assert person.send(method, "/uitloggen").status_code == 405
    assert person.send("GET", "/mijn/activiteit").status_code == 200


def test_logging_out_after_idle_time_ends_everything(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Somebody who comes back after 15 minutes and presses Log out is logged out: no app gets another token."""
    own = tokens(rp, person, ("https://source.example",), "openid 51")
    button = person.open(f"{rp.issuer}/hulp")
    assert "logout" in button.elements
    backroom.make_idle(person.cookies["vad_session"])
    page = person.press("logout")
    assert page.heading == "U bent uitgelogd"
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"
    assert rp.exchange(own["access_token"], "https://source.example").status_code == 400
