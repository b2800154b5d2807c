"""Attacks on the way to DigiD and back: replays, other browsers, forged forms, foreign addresses, odd methods."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, PIETER, Person
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town
from vad.bootstrap import web

pytestmark = pytest.mark.slow

SOURCE = "https://source.example"
NO_LONGER = "Deze pagina werkt niet meer"


def begin(person: Person, rp: RelyingParty) -> None:
    """Stand before P1 of an app."""
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51").url)
    assert "login-submit" in person.page.elements, person.page


def callback_of(person: Person) -> str:
    """The last way back from DigiD that this browser took."""
    return next(url for url in reversed(person.urls) if urlsplit(url).path == "/digid/callback")


def return_address(person: Person, bsn: str) -> str:
    """Log in at DigiD, but stop before VAD hears of it: gives the address that DigiD sends the browser to."""
    person.press("login-submit")
    form = person.filled_in("login-submit") | {"bsn": [bsn], "action": ["login"]}
    answer = person.send("POST", person.page.address, form)
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_a_way_back_works_once(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """The same answer of DigiD a second time is refused in plain words; the session that it made stays."""
    begin(person, rp)
    person.log_in(FROUKE)
    page = person.open(callback_of(person))
    assert (page.status, page.heading) == (400, NO_LONGER)
    assert person.send("GET", "/mijn/activiteit").status_code == 200
    assert len(backroom.events("login.succeeded")) == 1


def test_a_failed_way_back_works_once_too(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """A cancelled visit can't be replayed, though the browser is still the same."""
    begin(person, rp)
    person.press("login-submit")
    person.press("cancel")
    assert person.open(callback_of(person)).status == 400
    assert len(backroom.events("login.failed")) == 1


def test_another_browser_does_not_finish_a_visit(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Login CSRF: a stranger's way back logs nobody in elsewhere, and still works for the stranger."""
    stranger, victim, bystander = new_person(), new_person(), new_person()
    begin(stranger, rp)
    begin(victim, rp)
    address = return_address(stranger, PIETER)
    for other in (victim, bystander):
        answer = other.send("GET", address)
        assert answer.status_code == 400
        assert "vad_session" not in other.cookies
    stranger.open(address)
    assert "consent-give" in stranger.page.elements


def test_two_browsers_with_the_same_cookies_make_one_session(
    rp: RelyingParty, new_person: Callable[[], Person]
) -> None:
    """Of twins who come back with the same answer one is let in; the other gets a page that says to start again."""
    one, twin = new_person(), new_person()
    begin(one, rp)
    address = return_address(one, FROUKE)
    twin.take_cookies_of(one)
    one.open(address)
    assert "consent-give" in one.page.elements
    assert twin.open(address).status == 400


BAD_WAYS_BACK = [
    {},
    {"code": "x"},
    {"error": "access_denied"},
    {"state": ""},
    {"state": "unknown", "code": "x"},
    {"state": "x" * 4000, "code": "x"},
    {"state": "\x00\u20ac", "error": "access_denied"},
]


@pytest.mark.parametrize("parameters", BAD_WAYS_BACK)
def test_an_unknown_way_back_is_a_page(
    rp: RelyingParty, new_person: Callable[[], Person], backroom: Backroom, parameters: dict[str, str]
) -> None:
    """Without a state of this browser nothing happens: no login, no failed login, no session ended."""
    person, stranger = new_person(), new_person()
    begin(person, rp)
    for browser in (person, stranger):
        answer = browser.send("GET", f"/digid/callback?{urlencode(parameters)}")
        assert answer.status_code == 400
        assert NO_LONGER in answer.text
        assert "Set-Cookie" not in answer.headers
    assert backroom.events("login.failed", "login.succeeded", "session.ended") == []


def test_a_tampered_way_back_is_a_failed_login(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Another issuer, no issuer, or a code of another visit: refused, and the visit is spent."""
    for change in ({"iss": "http://localhost:1"}, {"iss": ""}, {"code": "made-up"}):
        begin(person, rp)
        address = return_address(person, FROUKE)
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} | change
        person.open(f"{person.town.issuer}/digid/callback?{urlencode(query)}")
        assert "Inloggen bij deze organisatie is niet gelukt." in person.page.text
    assert [event["reason"] for event in backroom.events("login.failed")] == ["failed"] * 3


@pytest.mark.parametrize("kind", ["missing", "empty", "garbage", "another browser's", "the session's", "twice wrong"])
def test_a_forged_form_sends_nobody_to_digid(rp: RelyingParty, new_person: Callable[[], Person], kind: str) -> None:
    """Without the proof that the form is ours for this browser: an error page, and nothing has changed."""
    person, other = new_person(), new_person()
    other.open(f"{person.town.issuer}/inloggen")
    foreign = other.filled_in("login-submit")["csrf_token"]
    person.open(f"{person.town.issuer}/inloggen")
    person.log_in(FROUKE)
    of_session = person.filled_in("logout")["csrf_token"]
    person.open(rp.ask(resources=(SOURCE,), scope="openid 51", prompt="login").url)
    good = person.filled_in("login-submit")
    tokens = {
        "missing": [],
        "empty": [""],
        "garbage": ["\u20ac" * 20],
        "another browser's": foreign,
        "the session's": of_session,
        "twice wrong": ["x", *good["csrf_token"]],
    }
    for action in ("login", "cancel"):
        answer = person.send("POST", person.page.url, good | {"csrf_token": tokens[kind], "action": [action]})
        assert answer.status_code == 400
        assert NO_LONGER in answer.text
        assert "Location" not in answer.headers
    person.press("login-submit")
    assert person.page.address.startswith(person.town.address("digid"))


def test_a_form_needs_the_cookie_it_was_made_for(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """A form that arrives without cookies, as from another site, does nothing."""
    person, bare = new_person(), new_person()
    begin(person, rp)
    answer = bare.send("POST", person.page.url, person.filled_in("login-submit"))
    assert answer.status_code == 400


ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "http://localhost@evil.example", "\r\nX: y"]


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("name", ["flow", "next", "return_to", "redirect_uri", "error", "taal", "state", "iss"])
def test_no_parameter_leads_elsewhere(person: Person, name: str, address: str) -> None:
    """Open redirect: whatever is in the address, people stay with VAD and its form posts to VAD."""
    query = urlencode({name: address})
    for path in ("/inloggen", "/digid/callback", "/authorize/resume", "/toestemming", "/mijn", "/uitgelogd"):
        answer = person.send("GET", f"{path}?{query}")
        assert answer.status_code in {200, 303, 400}
        assert urlsplit(answer.headers.get("Location", "")).netloc == ""
        assert "evil.example" not in answer.headers.get("Location", "")
        assert 'action="https' not in answer.text
        assert "X" not in answer.headers
    assert 'href="//evil' not in person.send("GET", f"/inloggen?{query}").text


def test_a_made_up_error_shows_nothing(person: Person) -> None:
    """`error` in the address chooses among our own texts; anything else is not repeated."""
    answer = person.send("GET", "/inloggen?error=<script>alert(1)</script>")
    assert answer.status_code == 200
    assert "alert(1)" not in answer.text.replace("%3Cscript%3Ealert%281%29", "")
    assert "Er gaat iets mis" not in answer.text


@pytest.mark.parametrize("path", ["/inloggen", "/digid/callback", "/toestemming", "/mijn/activiteit", "/uitgelogd"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(person: Person, method: str, path: str) -> None:
    """405 with what is allowed; never a fault of ours."""
    answer = person.send(method, path)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_look_at_the_headers_spends_nothing(rp: RelyingParty, person: Person) -> None:
    """HEAD, as link checkers send it, takes neither the visit to DigiD nor the code from the person."""
    begin(person, rp)
    address = return_address(person, FROUKE)
    assert person.send("HEAD", address).status_code == 405
    person.open(address)
    person.consent()
    assert person.answer is not None
    assert "code" in person.answer
    assert person.send("HEAD", rp.ask().url).status_code == 405
    assert person.send("HEAD", "/authorize/resume?flow=x").status_code == 405
    assert person.send("HEAD", "/inloggen").status_code == 200


@pytest.fixture
def https_app(vad_town: Town) -> Flask:
    """Give VAD as it is when people reach it over https, and as it starts: it has not spoken with DigiD yet."""
    service = vad_town.settings.service.model_copy(update={"issuer": "https://vad.example"})
    return web.create_app(vad_town.settings.model_copy(update={"service": service}))


def cookies_set(response: TestResponse) -> dict[str, list[str]]:
    """The attributes of every cookie that an answer sets."""
    lines = [line.split("; ") for line in response.headers.getlist("Set-Cookie")]
    return {line[0].partition("=")[0]: sorted(line[1:]) for line in lines}


def test_cookies_over_http_are_as_strict_as_can_be(rp: RelyingParty, person: Person) -> None:
    """HttpOnly and SameSite=Lax, for the browser's session, for no other host."""
    begin(person, rp)
    person.log_in(FROUKE)
    lines = [line for answer in person.seen for line in answer.raw.headers.getlist("Set-Cookie") if "vad_" in line]
    assert len(lines) >= 3
    for line in lines:
        assert sorted(line.split("; ")[1:]) == ["HttpOnly", "Path=/", "SameSite=Lax"], line.partition("=")[0]


def test_cookies_over_https_are_bound_to_the_host(https_app: Flask) -> None:
    """`__Host-` names with Secure, without Domain; a cookie under the plain name is not ours."""
    client = https_app.test_client()
    client.set_cookie("vad_flow", "A" * 43, domain="vad.example", secure=True)
    page = client.get("/inloggen", base_url="https://vad.example")
    assert cookies_set(page) == {"__Host-vad_flow": ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]}
    assert "A" * 43 not in page.headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    gone = client.post("/inloggen", base_url="https://vad.example", data={"csrf_token": token})
    state = parse_qs(urlsplit(gone.headers["Location"]).query)["state"][0]
    client.set_cookie("__Host-vad_session", "B" * 43, domain="vad.example", secure=True)
    back = client.get(f"/digid/callback?state={state}&error=access_denied", base_url="https://vad.example")
    dropped = cookies_set(back)["__Host-vad_session"]
    assert {"HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax", "Secure"} <= set(dropped)
    assert not any(attribute.startswith("Domain") for attribute in dropped)


@pytest.mark.parametrize("mode", ["error500", "garbage", "close"])
def test_digid_away_from_the_start_is_told_before_anybody_leaves(vad_town: Town, https_app: Flask, mode: str) -> None:
    """When DigiD can't be found at all, P1 says so at once with 503, and its button still works."""
    client = https_app.test_client()
    page = client.get("/inloggen", base_url="https://vad.example")
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    with vad_town.misbehaving("digid", mode, endpoints=["/.well-known/openid-configuration"]):
        answer = client.post("/inloggen", base_url="https://vad.example", data={"csrf_token": token})
    assert answer.status_code == 503
    assert "Inloggen bij deze organisatie is niet gelukt." in answer.text
    assert 'id="login-submit"' in answer.text
