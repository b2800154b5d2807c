"""The authorization endpoint: who is sent back where (OIDC Core section 3.1.2, RFC 9700 section 2.1, RFC 9207)."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.support.person import CORNELIA_DECEASED, FROUKE, NOOR_15, Person
from tests.support.relying_party_client import RelyingParty, answer_of
from tests.support.town import Town
from tests.web.oidc.inside import SOURCE, visit

WRONG_CLIENTS = [None, "", "unknown", "RP-ONE", "rp-one ", "rp-one\x00", "é", "x" * 5000]
WRONG_REDIRECTS = [
    None,
    "",
    "https://rp.example",
    "https://rp.example/callback/",
    "https://rp.example/callback?",
    "https://rp.example/callback?x=1",
    "https://rp.example/callback?app=2",
    "https://rp.example/callback?app=1&app=1",
    "https://rp.example/callback#here",
    "https://rp.example/callback/../callback",
    "https://rp.example/Callback",
    "https://RP.example/callback",
    "http://rp.example/callback",
    "https://rp.example:443/callback",
    "https://rp.example:444/callback",
    "https://rp.example@evil.example/callback",
    "https://evil.example/callback",
    "https://rp.example/callback\x00",
    "https://rp.example/callback\r\nSet-Cookie: a=b",
    "https://rp.example/callback,https://evil.example",
    "http://localhost/native",
    "http://127.0.0.2/native",
    "http://127.0.0.1:99999/native",
    "http://127.0.0.1:80@evil.example/native",
    "http://127.0.0.1.evil.example/native",
    "http://127.0.0.1:1/other",
    "http://127.0.0.1:1/native?x=1",
    "https://127.0.0.1:1/native",
    "http://[::1]:1/native",
    "javascript:alert(1)",
    "x" * 5000,
]


def is_a_page(response: requests.Response) -> bool:
    """Whether this is an error page that sends nobody anywhere."""
    refused = response.status_code in {400, 414} and "Location" not in response.headers
    return refused and response.headers["Content-Type"].startswith("text/html") and not response.cookies


@pytest.mark.parametrize("client_id", WRONG_CLIENTS)
def test_an_unknown_client_gets_nobody_redirected(rp: RelyingParty, client_id: str | None) -> None:
    """Without a known client there is a page, never a redirect (RFC 6749 section 4.1.2.1)."""
    asked = rp.ask(client_id=client_id)
    assert is_a_page(visit(asked))
    response = requests.post(f"{rp.issuer}/authorize", data=asked.parameters, allow_redirects=False, timeout=20)
    assert is_a_page(response)


@pytest.mark.parametrize("redirect_uri", WRONG_REDIRECTS)
def test_a_redirect_uri_must_match_exactly(rp: RelyingParty, redirect_uri: str | None) -> None:
    """Anything but the registered text is no redirect URI (RFC 9700 section 2.1): a page, never a redirect."""
    assert is_a_page(visit(rp.ask(redirect_uri=redirect_uri)))
    # Nor is an error of another parameter a way to be redirected there.
    assert is_a_page(visit(rp.ask(redirect_uri=redirect_uri, response_type="token", prompt="none")))


@pytest.mark.parametrize("port", ["", ":1", ":8080", ":65535"])
def test_the_port_is_free_on_a_loopback_address(rp: RelyingParty, port: str) -> None:
    """A native app may listen on any port of the loopback IP literal that it registered (RFC 8252 section 7.3)."""
    address = f"http://127.0.0.1{port}/native"
    response = visit(rp.ask(redirect_uri=address, response_type="token"))
    assert response.headers["Location"].startswith(address + "?")


def test_the_query_of_a_redirect_uri_stays(rp: RelyingParty, person: Person) -> None:
    """A redirect URI's own query is kept, in errors and with a code (RFC 6749 section 3.1.2)."""
    address = rp.redirect_uri + "?app=1"
    refused = visit(rp.ask(redirect_uri=address, response_type="token"))
    assert refused.headers["Location"].startswith(address + "&")
    assert answer_of(refused.headers["Location"])["app"] == "1"
    asked = rp.ask(redirect_uri=address)
    code = person.authorize(asked)
    assert person.answer == {"app": "1", "code": code, "state": dict(asked.parameters)["state"], "iss": rp.issuer}
    assert rp.redeem(asked, code, redirect_uri=address).status_code == 200


def test_get_and_post_are_alike(rp: RelyingParty) -> None:
    """The parameters come in the query of a GET or the form of a POST, never of both (OIDC Core 3.1.2.1)."""
    different: list[dict[str, Any]] = [{}, {"response_type": "token"}, {"client_id": "unknown"}]
    for changes in different:
        asked = rp.ask(**changes)
        address, by_get = f"{rp.issuer}/authorize", visit(asked)
        by_post = requests.post(address, data=asked.parameters, allow_redirects=False, timeout=20)
        assert by_post.status_code == by_get.status_code
        if changes:
            assert by_post.headers.get("Location") == by_get.headers.get("Location")
        else:
            assert "/authorize/posted" in by_post.headers["Location"]
        # A query beside a form is not read.
        mixed = requests.post(address, params=asked.parameters, allow_redirects=False, timeout=20)
        assert is_a_page(mixed)


def test_the_way_on_is_a_303(rp: RelyingParty) -> None:
    """Every redirect is a 303 that no cache keeps, so that no form is sent on (RFC 9700 section 4.12)."""
    for response in (visit(rp.ask()), visit(rp.ask(response_type="token"))):
        assert response.status_code == 303
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(rp: RelyingParty, method: str) -> None:
    """Only GET and POST ask for anything."""
    response = requests.request(method, f"{rp.issuer}/authorize", timeout=20)
    assert response.status_code == 405


def test_a_request_that_is_too_long_is_refused(rp: RelyingParty) -> None:
    """10 KiB of query is a 414, 100 KiB of form a 413, and neither a fault."""
    assert visit(rp.ask(login_hint="x" * 10240)).status_code == 414
    form = dict(rp.ask(login_hint="x" * 102400).parameters)
    response = requests.post(f"{rp.issuer}/authorize", data=form, allow_redirects=False, timeout=20)
    assert response.status_code == 413


def test_a_client_that_no_source_admits(vad_town: Town, bare_rp: RelyingParty) -> None:
    """Sources admit qualified apps only (rule 3): the app hears `invalid_target` (RFC 8707 section 2)."""
    asked = bare_rp.ask(scope="openid 48", resources=(vad_town.address("hospital"),))
    assert answer_of(visit(asked).headers["Location"])["error"] == "invalid_target"
    assert "/authorize/resume" in visit(bare_rp.ask()).headers["Location"]


def test_one_wrong_resource_spoils_the_request(vad_town: Town, rp: RelyingParty) -> None:
    """Each resource is known, and offers something that was asked for (RFC 8707 section 2)."""
    asked = rp.ask(scope="openid 48", resources=(SOURCE, "https://unknown.example"))
    assert answer_of(visit(asked).headers["Location"])["error"] == "invalid_target"
    asked = rp.ask(scope="openid 48", resources=(SOURCE, vad_town.address("rivm")))
    assert answer_of(visit(asked).headers["Location"])["error"] == "invalid_scope"


def test_the_answer_of_a_success(rp: RelyingParty, person: Person) -> None:
    """A success carries code, state and iss, each once, and nothing else (RFC 6749 section 4.1.2, RFC 9207)."""
    asked = rp.ask(scope="openid 48", resources=(SOURCE,))
    code = person.authorize(asked)
    assert person.answer == {"code": code, "state": dict(asked.parameters)["state"], "iss": rp.issuer}
    assert len(code) >= 43


@pytest.mark.parametrize("bsn", [NOOR_15, CORNELIA_DECEASED])
def test_a_refusal_tells_the_app_no_reason(rp: RelyingParty, new_person: Callable[[], Person], bsn: str) -> None:
    """The person reads why, the app hears `access_denied` in the same words for all (docs/protocol.md)."""
    person, asked = new_person(), rp.ask(scope="openid 48", resources=(SOURCE,))
    person.open(asked.url)
    page = person.log_in(bsn)
    assert page.status == 403
    back = page.elements["back"]["href"]
    assert answer_of(back) == {
        "error": "access_denied",
        "error_description": "the request was not allowed",
        "state": dict(asked.parameters)["state"],
        "iss": rp.issuer,
    }


def test_cancelling_tells_the_app(rp: RelyingParty, new_person: Callable[[], Person]) -> None:
    """Whoever goes back at the login or refuses consent is sent to the app with `access_denied` (rule 38)."""
    for button in ("cancel", "consent-refuse"):
        person, asked = new_person(), rp.ask(scope="openid 48", resources=(SOURCE,))
        person.open(asked.url)
        if button == "consent-refuse":
            person.log_in(FROUKE)
        person.press(button)
        assert person.answer is not None
        assert person.answer["error"] == "access_denied"
        assert (person.answer["state"], person.answer["iss"]) == (dict(asked.parameters)["state"], rp.issuer)
