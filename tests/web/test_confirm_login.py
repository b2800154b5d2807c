"""Going on to another app in a live session: once per app, by name, and never for somebody else (rule 37)."""

import re
import time

import pytest

from tests.support.backroom import Backroom
from tests.support.person import DAAN_16, FROUKE, PIETER, Person, tokens
from tests.support.relying_party_client import Asked, RelyingParty, claims_of
from tests.support.town import Town
from vad.adapters.configuration.sections import Sso
from vad.bootstrap import web

SOURCE = "https://source.example"


def asking(rp: RelyingParty, **changes: str) -> Asked:
    """A request for one source."""
    return rp.ask(resources=(SOURCE,), scope="openid 48", **changes)


@pytest.fixture
def at_the_page(rp: RelyingParty, other_rp: RelyingParty, person: Person) -> Person:
    """Give Frouke, logged in to one app, as she comes from another."""
    tokens(rp, person, (SOURCE,), "openid 48")
    person.answer = None
    person.open(asking(other_rp).url)
    return person


def test_no_digid_for_a_second_app(
    rp: RelyingParty, other_rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """The page names person and app; consent is the second app's own; the login's time does not move."""
    first = tokens(rp, person, (SOURCE,), "openid 48")
    asked = asking(other_rp)
    person.open(asked.url)
    assert "Doorgaan naar Test rp-two?" in person.page.text
    assert "U bent al ingelogd als Frouke Jansen." in person.page.text
    person.urls.clear()
    person.press("continue")
    assert "consent-give" in person.page.elements
    person.consent()
    assert not [url for url in person.urls if url.startswith(person.town.address("digid"))]
    second = other_rp.redeem(asked, (person.answer or {})["code"]).json()
    one, two = claims_of(first["id_token"]), claims_of(second["id_token"])
    assert (one["auth_time"], one["acr"]) == (two["auth_time"], two["acr"])
    assert one["sub"] != two["sub"]
    assert one["sid"] != two["sid"]
    assert [event["client_id"] for event in backroom.events("login.reused")] == ["rp-two"]


def test_the_name_is_asked_again(at_the_page: Person, backroom: Backroom) -> None:
    """A name is at hand for 15 minutes and a login lasts longer: the BRP is then asked anew, and the answer kept."""
    deadline = time.monotonic() + 15
    named = "U bent al ingelogd als Frouke Jansen."
    backroom.forget_names()
    while named not in at_the_page.open(at_the_page.page.url).text:
        assert time.monotonic() < deadline, "a circuit that another test opened has closed by now"
    assert len(list(backroom.redis.client.scan_iter("vad:*:name"))) == 1


@pytest.mark.parametrize("mode", ["error500", "garbage", "close"])
def test_without_a_name_the_page_says_so(at_the_page: Person, backroom: Backroom, mode: str) -> None:
    """While the BRP is away: no name, the time of the login to know it by, and the same three ways on (ADR 0014)."""
    backroom.forget_names()
    with at_the_page.town.misbehaving("brp", mode, times=1):
        page = at_the_page.open(at_the_page.page.url)
    assert page.status == 200
    assert "U bent al ingelogd." in page.text
    assert re.search(r"We kunnen uw naam nu niet laten zien\. Om \d\d\.\d\d uur is in deze browser ingelogd", page.text)
    assert {"continue", "cancel", "not-me"} <= page.elements.keys()
    at_the_page.press("continue")
    assert "consent-give" in at_the_page.page.elements


def test_once_per_app(rp: RelyingParty, other_rp: RelyingParty, person: Person) -> None:
    """Who went on once is not asked again in this session, and `prompt=none` needs no page either."""
    tokens(rp, person, (SOURCE,), "openid 48", DAAN_16)
    person.answer = None
    person.open(asking(other_rp).url)
    person.press("continue")
    person.consent(duration="until_stopped")
    for changes in ({}, {"prompt": "none"}):
        person.answer = None
        person.open(asking(other_rp, **changes).url)
        assert "code" in (person.answer or {})


def test_not_you(other_rp: RelyingParty, rp: RelyingParty, at_the_page: Person, backroom: Backroom) -> None:
    """Who is somebody else ends the session and what rests on it, and then logs in as themselves."""
    person = at_the_page
    person.press("not-me")
    assert "login-submit" in person.page.elements
    assert len(backroom.events("session.ended")) == 1
    person.log_in(PIETER)
    person.consent()
    assert "code" in (person.answer or {})
    assert backroom.events("login.reused") == []


def test_cancelling_goes_back_to_the_app(at_the_page: Person) -> None:
    """The app hears `access_denied`; the session stays."""
    at_the_page.press("cancel")
    assert (at_the_page.answer or {})["error"] == "access_denied"
    assert at_the_page.send("GET", "/mijn/activiteit").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "another's"])
def test_only_our_own_form_counts(at_the_page: Person, backroom: Backroom, token: str) -> None:
    """A form that we did not make for this browser changes nothing."""
    form = at_the_page.filled_in("continue")
    answer = at_the_page.send("POST", "/doorgaan", {**form, "csrf_token": token, "action": "continue"})
    assert answer.status_code == 400
    assert backroom.events("login.reused") == []


def test_the_page_is_nobodys_shortcut(person: Person, rp: RelyingParty) -> None:
    """Without a session, or where another page is asked for, the address leads to the step that is next."""
    person.open(asking(rp).url)
    flow = person.filled_in("login-submit")["flow"][0]
    assert person.send("GET", f"/doorgaan?flow={flow}").headers["Location"].startswith("/authorize/resume")
    form = {**person.filled_in("login-submit"), "action": "continue"}
    assert person.send("POST", "/doorgaan", form).headers["Location"].startswith("/authorize/resume")
    person.open(f"{person.town.issuer}/authorize/resume?flow={flow}")
    assert "login-submit" in person.page.elements


def test_an_operator_may_switch_it_off(vad_town: Town, rp: RelyingParty) -> None:
    """`sso.cross_client = false`: there, another app means DigiD again, and without pages `login_required`."""
    settings = vad_town.settings.model_copy(update={"sso": Sso()})
    browser = web.create_app(settings).test_client()
    assert settings.sso.cross_client is False
    location = browser.get(asking(rp, prompt="none").url.removeprefix(vad_town.issuer)).headers["Location"]
    assert "error=login_required" in browser.get(location).headers["Location"]


def test_a_stronger_demand_means_digid(other_rp: RelyingParty, at_the_page: Person) -> None:
    """Stepping up keeps the session: DigiD, then consent, without the page in between."""
    person = at_the_page
    person.open(asking(other_rp, acr_values="http://eidas.europa.eu/LoA/high").url)
    person.log_in(FROUKE, level="hoog")
    assert "consent-give" in person.page.elements
