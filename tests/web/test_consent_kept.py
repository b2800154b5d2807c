"""What somebody ticked before their login ended is there again afterwards: for them alone, once (P16)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.backroom import Backroom
from tests.support.consent_page import LAB, code_of, reach
from tests.support.person import FROUKE, PIETER, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town

KEPT = "Wat u invulde, is bewaard."
RESTORED = "Wat u invulde, staat er weer."


@pytest.fixture(autouse=True)
def nothing_agreed(backroom: Backroom) -> None:
    """Let nobody have agreed to anything, or nobody is asked; and nothing of other tests be on its way."""
    backroom.forget_consents()
    for kind in ("consent_draft", "authorization_request"):
        for key in list(backroom.redis.client.scan_iter(f"vad:*:{kind}")):
            backroom.redis.client.delete(key)


@pytest.fixture
def asked(vad_town: Town, rp: RelyingParty, person: Person) -> Person:
    """Give Frouke before the consent page of two sources."""
    reach(person, rp, (LAB, vad_town.address("rivm")))
    assert "consent-give" in person.page.elements
    return person


def fill_in(person: Person, action: str = "give", duration: str = "until_stopped") -> None:
    """Tick the first source and choose how long, on a page as it stands; the time is over when it is sent."""
    form = person.filled_in("consent-give") | {"source": [LAB], "duration": [duration], "action": [action]}
    answer = person.send("POST", person.page.url, {name: value for name, value in form.items() if value != [""]})
    assert answer.status_code == 303
    person.open(f"{person.town.issuer}{answer.headers['Location']}")


def ticked(person: Person) -> set[str]:
    """What is ticked or chosen on the page, by id."""
    return {field.identifier for form in person.page.forms for field in form.fields if field.ticked}


def drafts(backroom: Backroom) -> list[bytes]:
    """What Redis keeps of it."""
    return [backroom.redis.client.get(key) for key in backroom.redis.client.scan_iter("vad:*:consent_draft")]  # type: ignore[misc]


@pytest.mark.parametrize("action", ["give", "keep"])
def test_the_same_person_finds_their_answers_again(asked: Person, backroom: Backroom, action: str) -> None:
    """By their own press of a button or by the page's script: kept, shown again, and given only once they say so."""
    backroom.make_idle(asked.cookies["vad_session"])
    fill_in(asked, action)
    assert "U bent uitgelogd omdat u 15 minuten niets deed." in asked.page.text
    assert KEPT in asked.page.text
    assert backroom.events("consent.given") == []
    asked.log_in(FROUKE)
    assert RESTORED in asked.page.text
    assert ticked(asked) == {"source-1", "duration-until-stopped"}
    asked.press("consent-give")
    assert code_of(asked)
    (given,) = backroom.events("consent.given")
    assert given["resource"] == LAB


@pytest.mark.parametrize("action", ["give", "keep"])
def test_who_was_not_logged_in_keeps_nothing(rp: RelyingParty, person: Person, backroom: Backroom, action: str) -> None:
    """Nobody saw the page yet, so a form from there is made up: nothing is stored, and the request ends as it would."""
    person.open(rp.ask(resources=(LAB,), scope="openid 51").url)
    form = person.filled_in("login-submit") | {
        "source": [LAB],
        "duration": ["once"],
        "action": [action],
        "owner": ["x"],
    }
    answer = person.send("POST", "/toestemming", form)
    assert answer.headers["Location"].startswith("/inloggen?")
    assert "bewaard" not in answer.headers["Location"]
    assert drafts(backroom) == []
    (request,) = backroom.redis.client.scan_iter("vad:*:authorization_request")
    assert 0 < backroom.redis.client.ttl(request) <= 15 * 60


def test_another_person_gets_nothing_of_it(asked: Person, backroom: Backroom) -> None:
    """Who logs in after somebody else finds an empty page; it is there for the first one alone."""
    backroom.make_idle(asked.cookies["vad_session"])
    fill_in(asked)
    asked.log_in(PIETER)
    assert "consent-give" in asked.page.elements
    assert ticked(asked) == set()
    assert RESTORED not in asked.page.text
    address = asked.page.url
    backroom.make_idle(asked.cookies["vad_session"])
    asked.open(address)
    asked.log_in(FROUKE)
    assert ticked(asked) == {"source-1", "duration-until-stopped"}


def test_it_is_shown_once(asked: Person, backroom: Backroom) -> None:
    """Single use: who opens the page again, or a second window, finds it empty."""
    backroom.make_idle(asked.cookies["vad_session"])
    fill_in(asked)
    asked.log_in(FROUKE)
    assert drafts(backroom) == []
    asked.open(asked.page.url)
    assert ticked(asked) == set()


def test_a_look_at_the_headers_uses_nothing_up(asked: Person, backroom: Backroom) -> None:
    """HEAD is refused, so that no link checker takes what was kept."""
    backroom.make_idle(asked.cookies["vad_session"])
    address = asked.page.url
    fill_in(asked)
    assert asked.send("HEAD", address).status_code == 405
    assert len(drafts(backroom)) == 1


def test_it_survives_the_absolute_end_and_a_lost_session(asked: Person, backroom: Backroom) -> None:
    """The form says whose it is, so the answers are kept when nobody knows the login any more."""
    backroom.end_session(asked.cookies["vad_session"])
    fill_in(asked)
    assert "U bent uitgelogd. Log opnieuw in." in asked.page.text
    assert KEPT in asked.page.text
    asked.log_in(FROUKE)
    assert ticked(asked) == {"source-1", "duration-until-stopped"}


def test_redis_can_neither_read_nor_keep_it(asked: Person, backroom: Backroom) -> None:
    """Sealed, and gone after an hour."""
    backroom.make_idle(asked.cookies["vad_session"])
    fill_in(asked)
    (kept,) = drafts(backroom)
    assert b"source.example" not in kept
    assert b"until" not in kept
    (key,) = backroom.redis.client.scan_iter("vad:*:consent_draft")
    assert 3500 < backroom.redis.client.ttl(key) <= 3600


def test_a_stranger_cannot_say_whose_it_is(asked: Person, backroom: Backroom) -> None:
    """A made-up owner finds nobody: neither this person nor another reads it."""
    backroom.make_idle(asked.cookies["vad_session"])
    form = asked.filled_in("consent-give") | {"source": [LAB], "action": ["give"]}
    answer = asked.send("POST", asked.page.url, {**form, "owner": str(backroom.person_id(FROUKE))})
    asked.open(f"{asked.town.issuer}{answer.headers['Location']}")
    asked.log_in(FROUKE)
    assert ticked(asked) == set()


def test_a_forged_form_keeps_nothing(asked: Person, backroom: Backroom) -> None:
    """Without the proof that the form is ours nothing is stored, by the script's way either."""
    backroom.make_idle(asked.cookies["vad_session"])
    for action in ("give", "keep"):
        form = asked.filled_in("consent-give") | {"source": [LAB], "action": [action], "csrf_token": ["x"]}
        assert asked.send("POST", asked.page.url, form).status_code == 400
    assert drafts(backroom) == []


def test_nothing_is_kept_of_nothing(asked: Person, backroom: Backroom) -> None:
    """Who had filled in nothing, or chose sources that nobody asked about, does not read that it was kept."""
    backroom.make_idle(asked.cookies["vad_session"])
    form = asked.filled_in("consent-give") | {"source": ["https://evil.example"], "action": ["keep"]}
    answer = asked.send("POST", asked.page.url, form)
    asked.open(f"{asked.town.issuer}{answer.headers['Location']}")
    assert "U bent uitgelogd" in asked.page.text
    assert KEPT not in asked.page.text
    assert drafts(backroom) == []


def test_a_page_that_asks_something_else_is_empty(asked: Person, backroom: Backroom) -> None:
    """Ticks are for what was shown: under another digest they are not put on the page."""
    backroom.make_idle(asked.cookies["vad_session"])
    form = asked.filled_in("consent-give") | {"source": [LAB], "action": ["give"], "shown_digest": ["0" * 64]}
    answer = asked.send("POST", asked.page.url, form)
    asked.open(f"{asked.town.issuer}{answer.headers['Location']}")
    asked.log_in(FROUKE)
    assert ticked(asked) == set()


def test_while_the_login_lives_the_page_stays(asked: Person, backroom: Backroom) -> None:
    """Another tab was used: the script's own request changes nothing, is no activity and keeps nothing (rule 2)."""
    long_ago = datetime.now(UTC) - timedelta(minutes=10)
    backroom.change_session(asked.cookies["vad_session"], last_active=long_ago)
    form = asked.filled_in("consent-give") | {"source": [LAB], "action": ["keep"]}
    answer = asked.send("POST", asked.page.url, form)
    assert (answer.status_code, answer.content) == (204, b"")
    session = backroom.sessions.get(asked.cookies["vad_session"])
    assert session is not None
    assert session.last_active == long_ago
    assert drafts(backroom) == []


def test_who_says_no_too_late_is_asked_to_log_in(asked: Person, backroom: Backroom) -> None:
    """A refusal holds no answers; nobody is logged in, so nobody's refusal is recorded."""
    backroom.make_idle(asked.cookies["vad_session"])
    asked.press("consent-refuse")
    assert "login-submit" in asked.page.elements
    assert drafts(backroom) == []
    assert backroom.events("consent.refused") == []


def test_the_request_waits_as_long_as_a_login(asked: Person, backroom: Backroom) -> None:
    """It ends 15 minutes after it came, unless somebody who is logged in is at its page: then it outlives the login."""
    (key,) = backroom.redis.client.scan_iter("vad:*:authorization_request")
    assert 8000 < backroom.redis.client.ttl(key) <= 8100


def test_an_answer_that_is_wrong_is_no_restored_one(asked: Person) -> None:
    """The errors of a form stand alone: nothing is said of what was kept."""
    form = asked.filled_in("consent-give") | {"action": ["give"]}
    answer = asked.send("POST", asked.page.url, form)
    assert answer.status_code == 400
    assert RESTORED not in answer.text


def test_the_next_flow_knows_nothing_of_it(
    asked: Person, rp: RelyingParty, backroom: Backroom, new_person: Callable[[], Person]
) -> None:
    """What was kept belongs to one flow: the same person finds an empty page in another one."""
    backroom.make_idle(asked.cookies["vad_session"])
    fill_in(asked)
    other = new_person()
    reach(other, rp, (LAB,))
    assert ticked(other) == set()
    assert re.search(r'name="owner" value="[\w-]{43}"', other.page.text)
