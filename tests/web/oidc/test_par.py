"""Pushed authorization requests (RFC 9126): checked ahead, bound to their client, good for one code."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.support.backroom import Backroom
from tests.support.consent_page import LAB
from tests.support.person import NOOR_15, Person
from tests.support.relying_party_client import ASSERTION_TYPE, Asked, RelyingParty, s256
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE

PREFIX = "urn:ietf:params:oauth:request_uri:"


def push(rp: RelyingParty, asked: Asked, **changes: str | None) -> requests.Response:
    """Send a request ahead, authenticated. `changes` replace parameters; None leaves one out."""
    fields = [(name, value) for name, value in asked.parameters if name not in changes]
    fields += [(name, value) for name, value in changes.items() if value is not None]
    proof = [("client_assertion_type", ASSERTION_TYPE), ("client_assertion", rp.assertion())]
    return requests.post(f"{rp.issuer}/par", fields + proof, timeout=20)


def come_with(rp: RelyingParty, request_uri: str, asked: Asked, **more: str) -> Asked:
    """The authorization request that a browser brings for it."""
    named = [("client_id", rp.client_id), ("request_uri", request_uri), *more.items()]
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in named)
    return Asked(named, asked.code_verifier, f"{rp.issuer}/authorize?{query}")


def pushed(rp: RelyingParty, **changes: Any) -> tuple[str, Asked]:
    """A request that was pushed: its name, and what belongs to it."""
    asked = rp.ask(**changes)
    return push(rp, asked).json()["request_uri"], asked


def test_a_pushed_request_leads_to_a_code(rp: RelyingParty, person: Person) -> None:
    """Sections 2.2 and 4: 201 with a name for 300 s, and the way goes on as ever."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    answer = push(rp, asked)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert answer.json()["expires_in"] == 300
    request_uri = answer.json()["request_uri"]
    assert request_uri.startswith(PREFIX)
    assert len(request_uri) >= len(PREFIX) + 43
    brought = come_with(rp, request_uri, asked)
    tokens = rp.redeem(brought, person.authorize(brought)).json()
    assert tokens["scope"] == "openid 51"
    assert person.answer is not None
    assert person.answer["state"] == dict(asked.parameters)["state"]


def test_what_the_browser_adds_does_not_count(rp: RelyingParty, person: Person) -> None:
    """Section 4: not another state, not another place to go."""
    request_uri, asked = pushed(rp)
    brought = come_with(rp, request_uri, asked, state="evil", redirect_uri="https://evil.example/", scope="openid 51")
    person.authorize(brought)
    assert person.answer is not None
    assert person.answer["state"] == dict(asked.parameters)["state"]


def test_a_page_may_be_loaded_again_until_there_is_a_code(rp: RelyingParty, person: Person, vad_town: Town) -> None:
    """Use is counted when it is answered, not at the first visit; after that the name is worth nothing."""
    request_uri, asked = pushed(rp)
    brought = come_with(rp, request_uri, asked)
    for _ in range(3):
        assert requests.get(brought.url, timeout=20).status_code == 200
    person.authorize(brought)
    again = requests.get(brought.url, timeout=20, allow_redirects=False)
    assert (again.status_code, again.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "Location" not in again.headers


def test_of_two_browsers_one_gets_a_code(rp: RelyingParty, new_person: Any) -> None:
    """Both took it up before either answered (FAPI 2.0 Security Profile section 5.3.2.2, one use)."""
    request_uri, asked = pushed(rp)
    brought, people = come_with(rp, request_uri, asked), [new_person(), new_person()]
    for each in people:
        each.open(brought.url)
        each.log_in()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: each.consent(), people))
    assert len([each for each in people if each.answer and "code" in each.answer]) == 1


def test_of_two_browsers_one_gets_an_answer(rp: RelyingParty, new_person: Any) -> None:
    """A refusal is one too: no code comes by the name of a request whose app was told no, with its `state`."""
    request_uri, asked = pushed(rp)
    brought, first, second = come_with(rp, request_uri, asked), new_person(), new_person()
    for each in (first, second):
        each.open(brought.url)
    first.press("cancel")
    assert first.answer["error"] == "access_denied"
    second.log_in()
    assert (second.consent().status, second.answer) == (400, None)
    assert new_person().open(brought.url).status == 400


def test_without_pages_there_is_one_answer(rp: RelyingParty, new_person: Any) -> None:
    """`prompt=none` is answered at once, by an error where somebody would have to be asked."""
    request_uri, asked = pushed(rp, prompt="none")
    brought = come_with(rp, request_uri, asked)
    first = new_person()
    first.open(brought.url)
    assert first.answer["error"] == "login_required"
    assert new_person().open(brought.url).status == 400


def test_a_refusal_that_a_page_explains_is_the_answer(rp: RelyingParty, new_person: Any) -> None:
    """The page may be loaded again, and leads back to the app; nobody else comes with that name any more."""
    request_uri, asked = pushed(rp, scope="openid 48", resources=(SOURCE,))
    brought, person = come_with(rp, request_uri, asked), new_person()
    person.open(brought.url)
    assert person.log_in(NOOR_15).status == 403
    assert person.open(next(url for url in reversed(person.urls) if "resume" in url)).status == 403
    assert new_person().open(brought.url).status == 400


def test_it_is_its_clients_own(rp: RelyingParty, other_rp: RelyingParty) -> None:
    """Section 2.2: bound to the client that pushed it."""
    request_uri, asked = pushed(rp)
    refused = requests.get(come_with(other_rp, request_uri, asked).url, timeout=20, allow_redirects=False)
    assert refused.status_code == 400
    assert "Location" not in refused.headers


def test_an_address_that_was_taken_out_gets_nothing(bare_rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """Section 7.4: what an app may do can change between the push and the code; halfway through the pages too."""
    request_uri, asked = pushed(bare_rp)
    brought, again = come_with(bare_rp, request_uri, asked), bare_rp.ask()
    person.open(again.url)
    person.log_in()
    try:
        _redirects(backroom, bare_rp.client_id, ["https://rp.example/another"])
        assert person.consent().status == 400
        for address in (brought.url, again.url):
            assert person.open(address).status == 400
        assert person.answer is None
    finally:
        _redirects(backroom, bare_rp.client_id, [bare_rp.redirect_uri])
    assert person.authorize(brought)


def _redirects(backroom: Backroom, client_id: str, addresses: list[str]) -> None:
    """Register other redirect URIs, and let VAD know."""
    backroom.ask("UPDATE clients SET redirect_uris = %s WHERE client_id = %s", json.dumps(addresses), client_id)
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    backroom.town.app.extensions["vad.services"].registrations.check()


@pytest.mark.parametrize("request_uri", [PREFIX, PREFIX + "x" * 43, PREFIX + "é", PREFIX + "x" * 5000])
def test_a_name_that_nobody_got(rp: RelyingParty, request_uri: str) -> None:
    """A page, and nobody is sent anywhere."""
    refused = requests.get(come_with(rp, request_uri, rp.ask()).url, timeout=20, allow_redirects=False)
    assert refused.status_code == 400
    assert "Location" not in refused.headers


def test_its_time_is_short(rp: RelyingParty, backroom: Backroom) -> None:
    """Section 2.2: it ends by itself, 300 s after it was pushed."""
    client = backroom.redis.client
    before = set(client.scan_iter("*pushed_request*"))
    request_uri, _asked = pushed(rp)
    (key,) = set(client.scan_iter("*pushed_request*")) - before
    assert 290_000 < client.pttl(key) <= 300_000
    assert request_uri.removeprefix(PREFIX).encode() not in key + client.get(key)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"request_uri": PREFIX + "x"}, "invalid_request"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"client_id": "rp-two"}, "invalid_client"),
        ({"client_id": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"scope": "51"}, "invalid_scope"),
        ({"scope": "openid 51"}, "invalid_scope"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"id_token_hint": "x"}, "invalid_request"),
    ],
)
def test_what_is_wrong_is_told_at_once(rp: RelyingParty, changes: dict[str, Any], error: str) -> None:
    """Section 2.3: the same checks as at the authorization endpoint, with the answer to the app itself."""
    refused = push(rp, rp.ask(), **changes)
    assert refused.json()["error"] == error
    assert refused.status_code == (401 if error == "invalid_client" else 400)


def test_only_by_post_and_only_proved(rp: RelyingParty) -> None:
    """Section 2: the client authenticates as at the token endpoint; its assertion may name this one."""
    assert requests.get(f"{rp.issuer}/par", timeout=20).status_code == 405
    asked = rp.ask(code_challenge=s256("v" * 43))
    named = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": rp.assertion(aud=f"{rp.issuer}/par")}
    assert requests.post(f"{rp.issuer}/par", {**dict(asked.parameters), **named}, timeout=20).status_code == 201
    assert requests.post(f"{rp.issuer}/par", asked.parameters, timeout=20).json()["error"] == "invalid_client"
