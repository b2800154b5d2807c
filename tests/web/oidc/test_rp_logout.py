"""An app that logs a person out (OIDC RP-Initiated Logout 1.0): seen, never somebody else, never elsewhere."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlencode

import jwt
import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.person import FROUKE, PIETER, Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of, new_key, sign
from tests.support.town_fixtures import LOGGED_OUT
from tests.web.oidc.inside import SOURCE, Inside
from vad.adapters.vault.keyring import Purpose

pytestmark = pytest.mark.slow

OURS, WITH_QUERY = LOGGED_OUT
CLEARS = '"cache", "storage"'


def logged_in(rp: RelyingParty, person: Person, bsn: str = FROUKE) -> dict[str, str]:
    """The tokens of a person who logged in through this app."""
    return tokens(rp, person, (SOURCE,), "openid 51", bsn)


def ask(person: Person, **parameters: str | None) -> requests.Response:
    """Come to the end session endpoint; where it leads is not followed."""
    present = {name: value for name, value in parameters.items() if value is not None}
    return person.send("GET", f"/logout?{urlencode(present)}")


def still_in(person: Person) -> bool:
    """Whether the session is there."""
    return person.send("GET", "/mijn/activiteit").status_code == 200


def resigned(inside: Inside, id_token: str, **changes: Any) -> str:
    """An ID token of VAD with other claims, signed with VAD's own key."""
    key = next(k for k in inside.keyring.all(Purpose.SIGNING) if k.algorithm == "ES256")
    claims = {n: v for n, v in {**claims_of(id_token), **changes}.items() if v is not None}
    typ = str(changes.get("typ", "JWT"))
    return jwt.encode(claims, key.private, "ES256", headers={"kid": key.key_id, "typ": typ})


def test_the_apps_own_hint_logs_out_at_once(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """The session of the hint ends with all that rests on it, and the browser goes on to the app, with its state."""
    own, cookie = logged_in(rp, person), person.cookies["vad_session"]
    answer = ask(person, id_token_hint=own["id_token"], post_logout_redirect_uri=OURS, state="a b&c")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{OURS}?state=a+b%26c")
    assert (answer.headers["Clear-Site-Data"], answer.headers["Cache-Control"]) == (CLEARS, "no-store")
    assert "vad_session" not in person.cookies
    assert backroom.sessions.get(cookie) is None
    (ended,) = backroom.events("session.ended")
    assert (ended["reason"], ended["client_id"]) == ("logged_out", "rp-one")
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"


def test_without_an_address_the_page_says_so(rp: RelyingParty, person: Person) -> None:
    """Logging out is always visible: the page of VAD itself."""
    own = logged_in(rp, person)
    person.open(f"{rp.issuer}/logout?{urlencode({'id_token_hint': own['id_token'], 'client_id': 'rp-one'})}")
    assert person.page.heading == "U bent uitgelogd"
    assert not still_in(person)


def test_an_expired_hint_will_do(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """An ID token lives five minutes and people stay longer: its end does not matter (section 2)."""
    own = logged_in(rp, person)
    old = resigned(inside, own["id_token"], exp=int(time.time()) - 86400)
    answer = ask(person, id_token_hint=old, post_logout_redirect_uri=WITH_QUERY, state="s")
    assert answer.headers["Location"] == f"{WITH_QUERY}&state=s"
    assert not still_in(person)


def test_idle_time_does_not_matter(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """What rests on a login lives on after 15 idle minutes, so the app can still end it."""
    own = logged_in(rp, person)
    backroom.make_idle(person.cookies["vad_session"])
    assert ask(person, id_token_hint=own["id_token"]).headers["Location"] == "/uitgelogd"
    assert rp.refresh(own["refresh_token"]).json()["error"] == "invalid_grant"


def test_another_sites_form_is_followed_up(rp: RelyingParty, person: Person) -> None:
    """A POST from the app brings no cookies (SameSite=Lax): it is sent on as a GET, which does, without the token."""
    own = logged_in(rp, person)
    form = {"id_token_hint": own["id_token"], "post_logout_redirect_uri": OURS, "state": "s"}
    answer = requests.post(f"{rp.issuer}/logout", data=form, allow_redirects=False, timeout=20)
    way_on = answer.headers["Location"]
    assert answer.status_code == 303
    assert not any(claims_of(own["id_token"])[name] in way_on for name in ("sub", "sid", "aud"))
    assert OURS not in unquote(way_on)
    assert "Set-Cookie" not in answer.headers
    assert person.send("GET", way_on + "x").status_code == 400
    assert still_in(person)
    assert person.send("GET", way_on).headers["Location"] == f"{OURS}?state=s"
    assert not still_in(person)
    assert person.send("GET", way_on).status_code == 400, "once"


def test_a_form_that_redis_lost_is_a_page(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """On account of a name that finds nothing nobody is logged out or sent anywhere; the page says what to do."""
    own = logged_in(rp, person)
    form = {"id_token_hint": own["id_token"], "post_logout_redirect_uri": OURS}
    way_on = requests.post(f"{rp.issuer}/logout", data=form, allow_redirects=False, timeout=20).headers["Location"]
    (name,) = backroom.redis.client.scan_iter("vad:*:logout_request")
    assert 0 < backroom.redis.client.ttl(name) <= 300
    backroom.redis.client.delete(name)
    answer = person.send("GET", way_on)
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)
    assert "Deze pagina werkt niet meer" in answer.text
    assert still_in(person)


def test_what_redis_lost_is_told_before_going_back(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Apps may go on for up to two hours: the person reads so, and goes back to the app by themselves."""
    own, cookie = logged_in(rp, person), person.cookies["vad_session"]
    backroom.end_session(cookie)
    for hint in (own["id_token"], None):
        asked = {"id_token_hint": hint, "client_id": "rp-one", "post_logout_redirect_uri": WITH_QUERY, "state": "a b"}
        given = {name: value for name, value in asked.items() if value is not None}
        person.plant("vad_session", cookie)
        page = person.open(f"{rp.issuer}/logout?{urlencode(given)}")
        assert page.heading == "U bent uitgelogd"
        assert "nog hoogstens 2 uur gegevens ophalen" in page.text
        assert page.elements["back"]["href"] == f"{WITH_QUERY}&state=a+b"
        assert "Terug naar Test rp-one" in page.text
        assert person.seen[-1].headers["Clear-Site-Data"] == CLEARS
        assert "vad_session" not in person.cookies


def test_a_login_that_ended_by_time_leaves_nothing_to_tell(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """Two hours after the login of the hint nothing goes on that rests on it: straight back to the app."""
    own = logged_in(rp, person)
    person.log_out()
    for age, location in ((2 * 3600 + 5, OURS), (2 * 3600 - 60, None)):
        hint = resigned(inside, own["id_token"], auth_time=int(time.time()) - age)
        answer = ask(person, id_token_hint=hint, post_logout_redirect_uri=OURS)
        assert answer.headers.get("Location") == location


def test_a_form_of_the_same_site_is_like_a_get(rp: RelyingParty, person: Person) -> None:
    """With its cookies there, a POST is answered at once (section 2: both methods)."""
    own = logged_in(rp, person)
    answer = person.send("POST", "/logout", {"id_token_hint": own["id_token"], "post_logout_redirect_uri": OURS})
    assert answer.headers["Location"] == OURS
    assert not still_in(person)


def test_a_foreign_hint_neither_logs_out_nor_redirects(
    rp: RelyingParty, other_rp: RelyingParty, new_person: Callable[[], Person], inside: Inside
) -> None:
    """A hint that is not of this session: the person is asked, and stays at VAD after a yes."""
    person = new_person()
    mine = logged_in(rp, person)
    hints = {
        "another person": logged_in(rp, new_person(), PIETER)["id_token"],
        "another session": logged_in(rp, new_person())["id_token"],
        "another app": resigned(inside, mine["id_token"], aud="rp-two"),
        "garbage": "e30.e30.e30",
        "forged": sign(claims_of(mine["id_token"]), new_key("forged"), {"typ": "JWT"}),
        "access": mine["access_token"],
        "logout token": resigned(inside, mine["id_token"], typ="logout+jwt"),
    }
    for kind, hint in hints.items():
        page = person.open(f"{rp.issuer}/logout?{urlencode({'id_token_hint': hint})}")
        assert page.heading == "Wilt u uitloggen?", kind
        client_id = other_rp.client_id if kind == "another app" else rp.client_id
        asked = urlencode({"id_token_hint": hint, "client_id": client_id, "post_logout_redirect_uri": OURS})
        assert person.open(f"{rp.issuer}/logout?{asked}").heading == "Wilt u uitloggen?", kind
        assert OURS not in person.page.text, kind
        assert not any(OURS in str(value) for value in person.filled_in("logout-confirm").values()), kind
    assert still_in(person)
    person.open(f"{rp.issuer}/logout?{asked}")
    assert person.press("logout-confirm").heading == "U bent uitgelogd"
    assert not still_in(person)


def test_without_a_hint_the_person_is_asked(rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Anybody can send a browser here: only the person says yes. Then the app may have them back (section 3)."""
    logged_in(rp, person)
    address = f"{rp.issuer}/logout?{urlencode({'client_id': 'rp-one', 'post_logout_redirect_uri': OURS, 'state': 's'})}"
    page = person.open(address)
    assert page.heading == "Wilt u uitloggen?"
    assert "Test rp-one vraagt u om uit te loggen bij VAD." in page.text
    assert "https://rp.example" in person.seen[-1].headers["Content-Security-Policy"]
    assert person.press("logout-stay").url.endswith("/mijn/activiteit")
    person.open(address)
    person.press("logout-confirm")
    assert person.answer == {"state": "s"}
    assert person.seen[-1].headers["Clear-Site-Data"] == CLEARS
    assert not still_in(person)
    assert backroom.events("session.ended")[-1]["client_id"] == "rp-one"


def test_only_our_own_page_answers(rp: RelyingParty, person: Person) -> None:
    """Another site's form is no answer; an address that is not registered is not gone to."""
    logged_in(rp, person)
    person.open(f"{rp.issuer}/logout?client_id=rp-one")
    form = person.filled_in("logout-confirm") | {"action": ["log_out"]}
    assert person.send("POST", "/logout/answer", form | {"csrf_token": ["x"]}).status_code == 400
    assert still_in(person)
    elsewhere = form | {"redirect_uri": ["https://evil.example/"]}
    assert person.send("POST", "/logout/answer", elsewhere).headers["Location"] == "/uitgelogd"
    assert not still_in(person)


def test_without_a_session_there_is_only_the_way_back(rp: RelyingParty, person: Person, inside: Inside) -> None:
    """Nothing to end: on to the app if the address is its own, else our page; unknown hints lead nowhere."""
    own = logged_in(rp, person)
    assert ask(person, id_token_hint=own["id_token"]).status_code == 303
    long_ago = resigned(inside, own["id_token"], exp=1, auth_time=int(time.time()) - 86400)
    for hint in (long_ago, None):
        answer = ask(person, id_token_hint=hint, client_id="rp-one", post_logout_redirect_uri=OURS)
        assert answer.headers["Location"] == OURS
    answer = ask(person, id_token_hint="e30.e30.e30", client_id="rp-one", post_logout_redirect_uri=OURS)
    assert answer.headers["Location"] == "/uitgelogd"
    assert ask(person).headers["Location"] == "/uitgelogd"


WRONG: tuple[dict[str, str | None], ...] = (
    {"post_logout_redirect_uri": "https://evil.example/"},
    {"post_logout_redirect_uri": OURS + "/"},
    {"post_logout_redirect_uri": OURS + "?x=1"},
    {"post_logout_redirect_uri": "https://rp.example/callback"},
    {"post_logout_redirect_uri": "http://127.0.0.1:1/native"},
    {"client_id": "rp-two"},
    {"client_id": "unknown"},
    {"client_id": None, "id_token_hint": None},
    {"state": "a\nb"},
)


def test_what_is_wrong_is_a_page(rp: RelyingParty, person: Person) -> None:
    """A wrong address, app or parameter: a page, no redirect, and nobody is logged out (section 4)."""
    own = logged_in(rp, person)
    good = {"id_token_hint": own["id_token"], "client_id": "rp-one", "post_logout_redirect_uri": OURS, "state": "s"}
    for wrong in WRONG:
        asked = {name: value for name, value in {**good, **wrong}.items() if value is not None}
        # As a form once of the same site, with cookies, and once as that of another.
        for answer in (
            person.send("GET", f"/logout?{urlencode(asked)}"),
            person.send("POST", "/logout", asked),
            requests.post(f"{rp.issuer}/logout", data=asked, allow_redirects=False, timeout=20),
        ):
            assert (answer.status_code, answer.headers.get("Location")) == (400, None), wrong
            assert answer.headers["Content-Type"].startswith("text/html")
        assert still_in(person), wrong
    pairs = [("id_token_hint", own["id_token"]), ("post_logout_redirect_uri", OURS), ("post_logout_redirect_uri", OURS)]
    assert person.send("GET", f"/logout?{urlencode(pairs)}").status_code == 400, "no parameter twice: RFC 6749, 3.1"
    assert person.send("HEAD", f"/logout?{urlencode({'id_token_hint': own['id_token']})}").status_code == 405
    assert still_in(person), "who only looks, as a link checker does, ends nothing"


def test_the_other_parameters(rp: RelyingParty, person: Person) -> None:
    """`ui_locales` chooses the language of the question; `logout_hint` is ignored, whatever it says."""
    logged_in(rp, person)
    page = person.open(f"{rp.issuer}/logout?ui_locales=en&logout_hint={FROUKE}")
    assert page.heading == "Do you want to log out?"
