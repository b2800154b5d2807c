"""Staff log in at their own identity provider, and show once with their own DigiD whose account it is (rule 44)."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.person import Person
from vad.sandbox.staff_idp.tokens import NONSENSE

OVERVIEW = "Overzicht"
ENROL = "Laat zien van wie dit account is"
TOM, IRIS = "999992387", "999992302"


@pytest.fixture(autouse=True)
def nobody_enrolled(backroom: Backroom) -> Iterator[None]:
    """Let every account be a new one, now and for who comes after."""
    backroom.ask("UPDATE staff_accounts SET subject = account_id::text")
    yield
    backroom.ask("UPDATE staff_accounts SET subject = account_id::text")


def test_the_first_login_asks_whose_account_it_is(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 44: until that is known nothing is to be seen; from then on the account is that person's."""
    colleague.open(f"{colleague.admin}/")
    assert colleague.page.heading == "Inloggen voor medewerkers"
    colleague.press("login-submit")
    before = colleague.press("login-submit", {"person-tom": True})
    assert before.heading == ENROL
    assert colleague.go("/").heading == ENROL
    assert colleague.enrol(TOM).heading == OVERVIEW
    [enrolled] = backroom.events("staff.enrolled")
    assert enrolled["represented"] == str(backroom.person_id(TOM))
    assert enrolled["actor"] is None
    [logged_in] = backroom.events("staff.logged_in")
    assert logged_in["evidence"] == {"roles": ["auditor"]}
    colleague.press("logout")
    assert colleague.page.heading == "U bent uitgelogd"
    assert colleague.log_in_as("tom").heading == OVERVIEW
    assert len(backroom.events("staff.enrolled")) == 1
    assert backroom.events("staff.logged_in")[-1]["staff"] == enrolled["staff"]


def test_vad_proves_itself_with_a_key_for_this_alone(colleague: Colleague) -> None:
    """What this provider is told is no proof at DigiD or anywhere else, and no key of theirs is one here."""

    def published(address: str) -> set[str]:
        return {key["kid"] for key in requests.get(address, timeout=10).json()["keys"]}

    ours = published(f"{colleague.admin}/jwks")
    assert len(ours) == 1
    assert not ours & (published(f"{colleague.town.issuer}/jwks") | published(f"{colleague.town.issuer}/digid/jwks"))
    assert colleague.log_in_as("tom").heading == OVERVIEW


def test_every_view_is_an_event(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 40: staff look, and the log says who at what."""
    colleague.log_in_as("tom")
    colleague.go("/?periode=jaar")
    viewed = backroom.events("staff.viewed")
    assert len(viewed) == 2
    assert viewed[-1]["staff"] == backroom.events("staff.enrolled")[0]["staff"]
    assert viewed[-1]["evidence"] == {"action": "overview.view", "page": "overview.overview"}


def test_the_login_gets_a_new_name_at_every_step(colleague: Colleague) -> None:
    """Rule 44: nobody who planted a cookie, or saw an earlier one, is logged in with it (session fixation)."""
    colleague.plant("vad_staff", "x" * 43)
    colleague.open(f"{colleague.admin}/")
    colleague.press("login-submit")
    colleague.press("login-submit", {"person-tom": True})
    first = colleague.cookies["vad_staff"]
    assert first != "x" * 43
    colleague.enrol(TOM)
    second = colleague.cookies["vad_staff"]
    assert second != first
    colleague.plant("vad_staff", first)
    assert colleague.request("GET", "/").status_code == 303
    colleague.plant("vad_staff", second)
    assert colleague.request("GET", "/").status_code == 200
    colleague.go("/")
    colleague.press("logout")
    colleague.plant("vad_staff", second)
    assert colleague.request("GET", "/").headers["Location"].startswith("/inloggen")


@pytest.mark.parametrize("wrong", NONSENSE)
def test_what_the_identity_provider_may_not_say(colleague: Colleague, backroom: Backroom, wrong: str) -> None:
    """Rule 44: a token for or from somebody else, of another visit, or without two factors, lets nobody in."""
    with colleague.town.misbehaving("staff_idp", wrong, endpoints=["/token"]):
        page = colleague.log_in_as("tom")
    assert page.address.endswith("/inloggen")
    assert "login-submit" in page.elements
    assert "vad_staff" not in colleague.cookies
    [failed] = backroom.events("staff.login_failed")
    assert failed["reason"] == ("level" if wrong in {"one_factor", "no_acr"} else "failed")


@pytest.mark.parametrize(
    ("subject", "outcome", "reason", "words"),
    [
        ("tom", "one_factor", "level", "Log in met een tweede stap"),
        ("tom", "cancel", "cancelled", "U heeft het inloggen geannuleerd."),
        ("tom", "failure", "failed", "Inloggen is niet gelukt."),
        ("stagiair", "ok", "no_role", "U heeft hier geen rol."),
    ],
)
def test_who_is_not_let_in(
    colleague: Colleague, backroom: Backroom, subject: str, outcome: str, reason: str, words: str
) -> None:
    """Rule 44: each is told what to do, and is an event."""
    page = colleague.log_in_as(subject, outcome=outcome)
    assert words in page.text
    assert [event["reason"] for event in backroom.events("staff.login_failed")] == [reason]


def test_an_account_that_was_ended(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 44: it lets nobody in any more, and nobody can claim it anew."""
    colleague.log_in_as("tom")
    backroom.ask("UPDATE staff_accounts SET ended_at = now()")
    assert "Dit account is beëindigd." in colleague.log_in_as("tom").text
    assert backroom.events("staff.login_failed")[-1]["reason"] == "ended"


@pytest.mark.parametrize(
    ("mode", "choices", "reason"),
    [
        ("ok", {"outcome": "cancel"}, "cancelled"),
        ("ok", {"outcome": "too_low"}, "level"),
        ("representing", {}, "representing"),
        ("wrong_nonce", {}, "failed"),
    ],
)
def test_an_enrolment_that_fails(
    colleague: Colleague, backroom: Backroom, mode: str, choices: dict[str, str], reason: str
) -> None:
    """Rule 44: whose account it is stays unknown, and nothing is to be seen."""
    colleague.open(f"{colleague.admin}/")
    colleague.press("login-submit")
    colleague.press("login-submit", {"person-tom": True})
    with colleague.town.misbehaving("digid", mode, endpoints=["/token"]):
        page = colleague.enrol(TOM, **choices)
    assert page.heading == ENROL
    assert [event["reason"] for event in backroom.events("staff.enrolment_failed")] == [reason]
    assert backroom.ask("SELECT count(*) FROM staff_accounts WHERE subject = 'tom'") == [(0,)]
    assert colleague.go("/").heading == ENROL


def test_one_person_may_have_two_accounts(new_colleague: Callable[[], Colleague], backroom: Backroom) -> None:
    """Rule 44: four eyes compare people, so VAD knows that both are one."""
    for subject in ("karin", "karin-beheer"):
        assert new_colleague().log_in_as(subject).heading == OVERVIEW
    [accounts] = backroom.ask(
        "SELECT count(*), count(DISTINCT person_id) FROM staff_accounts WHERE subject LIKE 'karin%%'"
    )
    assert accounts == (2, 1)


def test_an_answer_belongs_to_one_browser_and_one_visit(
    colleague: Colleague, new_colleague: Callable[[], Colleague]
) -> None:
    """RFC 9700 section 4.7: an answer that was meant for another browser, or that came before, logs nobody in."""
    colleague.open(f"{colleague.admin}/inloggen")
    colleague.press("login-submit")
    colleague.press("login-submit", {"person-tom": True})
    answer = next(url for url in reversed(colleague.urls) if "/callback?" in url)
    for somebody in (new_colleague(), colleague):
        somebody.open(f"{somebody.admin}/inloggen")
        assert somebody.send("GET", answer).status_code == 400


def test_the_login_ends_by_time(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 44: after fifteen minutes without a page nobody is there, and the page that was asked for waits."""
    colleague.log_in_as("tom")
    for old in list(backroom.redis.client.scan_iter("vad:*:staff_session")):
        stored = backroom.redis.client.get(old)
        assert isinstance(stored, bytes)
        before, _, rest = stored.partition(b'"last_active":"')
        backroom.redis.client.set(
            old, before + b'"last_active":"2000-01-01T00:00:00+00:00"' + rest.partition(b'"')[2], keepttl=True
        )
    assert colleague.request("POST", "/auth/session/renew").status_code == 410
    page = colleague.go("/")
    assert "U bent uitgelogd. Log opnieuw in." in page.text


def test_a_role_that_was_lost_works_an_hour_at_most(colleague: Colleague, backroom: Backroom) -> None:
    """Rule 44: a login ends an hour after it was made however busy it is; then the roles are asked for anew."""
    colleague.log_in_as("tom")
    ends = rb'"ends_at":"([^"]+)"'
    for old in list(backroom.redis.client.scan_iter("vad:*:staff_session")):
        stored = backroom.redis.client.get(old)
        assert isinstance(stored, bytes)
        began, until = (
            datetime.fromisoformat(re.findall(name, stored)[0].decode()) for name in (rb'"auth_time":"([^"]+)"', ends)
        )
        assert until - began == timedelta(hours=1)
        assert 0 < backroom.redis.client.pttl(old) <= 7_200_000
        backroom.redis.client.set(old, re.sub(ends, rb'"ends_at":"2020-01-01T00:00:00+00:00"', stored), keepttl=True)
    assert "U bent uitgelogd. Log opnieuw in." in colleague.go("/").text


def test_neither_application_serves_the_pages_of_the_other(colleague: Colleague, person: Person) -> None:
    """Rule 44: apart, so that a hole in the one is no door to the other; a login at the one is none at the other."""
    town = colleague.town
    assert town.admin_app is not None
    common = {"/", "/healthz", "/readyz", "/metrics", "/static/<path:filename>", "/inloggen", "/jwks"}
    common |= {"/digid/callback", "/uitloggen", "/uitgelogd", "/verlopen", "/auth/session/renew"}
    rules = [{rule.rule for rule in app.url_map.iter_rules()} for app in (town.app, town.admin_app)]
    assert rules[0] & rules[1] == common
    assert town.app.view_functions.keys() & town.admin_app.view_functions.keys() == {
        "static",
        "health.healthz",
        "health.readyz",
        "health.metrics",
    }
    colleague.log_in_as("tom")
    for path in ("/mijn/activiteit", "/authorize", "/token", "/hulp"):
        assert colleague.request("GET", path).status_code == 404
    person.open(f"{town.issuer}/mijn/activiteit")
    person.log_in()
    person.plant("vad_staff", person.cookies["vad_session"])
    assert person.send("GET", f"{colleague.admin}/").status_code == 303
    colleague.plant("vad_session", colleague.cookies["vad_staff"])
    assert colleague.send("GET", f"{town.issuer}/mijn/activiteit").status_code == 303


def test_a_login_leads_to_no_other_site(colleague: Colleague) -> None:
    """RFC 9700 section 4.11: the page to go to is one of ours that staff may see, whatever was asked for."""
    for where in (
        "https://evil.example/",
        "//evil.example",
        "/static/vad.css",
        "/uitgelogd",
        "/nergens",
        "\\\\evil.example",
    ):
        page = colleague.open(f"{colleague.admin}/inloggen?pagina={where}")
        [field] = [field for form in page.forms for field in form.fields if field.name == "page"]
        assert field.value == "/"


def test_headers_and_forms_of_others(colleague: Colleague) -> None:
    """The policy of the citizens' pages holds here too, and a form that is not ours changes nothing."""
    colleague.log_in_as("tom")
    answer = colleague.request("GET", "/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert colleague.request("POST", "/uitloggen", csrf_token="made-up").status_code == 400
    assert colleague.request("POST", "/inloggen").status_code == 400
    assert colleague.request("GET", "/").status_code == 200
