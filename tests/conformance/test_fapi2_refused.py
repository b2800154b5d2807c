"""FAPI 2.0 Security Profile and Message Signing: requests that are refused, at PAR or in the browser."""

from typing import Any

import requests

from tests.conformance.answers import declined, refusal
from tests.conformance.fapi2_client import Fapi2Client
from tests.conformance.playing import FAPI2, SIGNED, plays
from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import Asked
from tests.support.town_fixtures import REDIRECT

PUSHED: dict[str, tuple[dict[str, Any], str]] = {
    "ensure-request-object-without-redirect-uri-fails": ({"redirect_uri": None}, "invalid_request"),
    "ensure-redirect-uri-in-authorization-request": ({"redirect_uri": None}, "invalid_request"),
    "plain-fapi-tolerate-unregistered-redirect-uri": ({"redirect_uri": f"{REDIRECT}/y"}, "invalid_request"),
    "ensure-response-type-code-idtoken-fails": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "ensure-response-type-token-fails": ({"response_type": "token"}, "unsupported_response_type"),
    "par-ensure-pkce-required": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "par-plain-pkce-rejected": ({"code_challenge_method": "plain"}, "invalid_request"),
}


@plays(*(FAPI2 + name for name in PUSHED), also=SIGNED)
def test_what_may_not_be_pushed(client: Fapi2Client, module: str) -> None:
    """400, and which error it is; an address that nobody registered is refused too, as RFC 9126 section 2.4 allows."""
    changes, error = PUSHED[module.removeprefix(FAPI2)]
    assert refusal(client.push(client.rp.ask(**changes))) == (400, error)
    assert client.push(client.rp.ask()).status_code == 201


@plays(FAPI2 + "par-authorization-request-containing-request_uri-form-param", also=SIGNED)
def test_a_name_in_a_form_that_is_pushed(client: Fapi2Client) -> None:
    """RFC 9126 section 2.1: the form has no `request_uri`, not even of a request that was pushed."""
    held = client.push(client.rp.ask()).json()["request_uri"]
    for name in ("urn:ietf:params:oauth:request_uri:x", held):
        assert refusal(client.push(client.rp.ask(), {"request_uri": name})) == (400, "invalid_request")


@plays(FAPI2 + "par-attempt-invalid-http-method", also=SIGNED)
def test_par_attempt_invalid_http_method(client: Fapi2Client) -> None:
    """RFC 9126 section 2.3: 405, also with all that a request needs."""
    form = {**client.form(client.rp.ask()), "client_assertion": client.rp.assertion()}
    for method in ("PUT", "GET", "DELETE"):
        headers = {"DPoP": client.holder.proof(method, "/par")}
        answer = requests.request(method, f"{client.rp.issuer}/par", data=form, headers=headers, timeout=20)
        assert (answer.status_code, "request_uri" in answer.text) == (405, False)


@plays(FAPI2 + "ensure-unsigned-authorization-request-without-using-par-fails", also=SIGNED)
def test_a_request_that_was_not_pushed(client: Fapi2Client, visitor: Person) -> None:
    """The app is told `invalid_request`, with its state; nobody gets a code."""
    asked = client.rp.ask()
    visitor.open(asked.url)
    assert declined(client.rp.issuer, visitor.answer or {}, asked) == "invalid_request"


@plays(FAPI2 + "par-attempt-to-use-request_uri-for-different-client", also=SIGNED)
def test_par_request_uri_of_another_client(client: Fapi2Client, second: Fapi2Client, visitor: Person) -> None:
    """A page, and nobody is sent anywhere; to its own app the request is still worth a code."""
    asked = client.rp.ask()
    pushed = client.push(asked)
    _is_a_page(visitor, second.coming(asked, pushed))
    assert client.code(visitor, asked, pushed)


@plays(FAPI2 + "par-attempt-reuse-request_uri", also=SIGNED)
def test_a_request_that_led_to_a_code(client: Fapi2Client, visitor: Person) -> None:
    """RFC 9126 section 7.3: for one use. A page, and nobody is sent anywhere."""
    asked = client.rp.ask()
    pushed = client.push(asked)
    assert client.code(visitor, asked, pushed)
    _is_a_page(visitor, client.coming(asked, pushed))


@plays(FAPI2 + "par-attempt-to-use-expired-request_uri", also=SIGNED)
def test_a_request_whose_time_is_over(client: Fapi2Client, visitor: Person, backroom: Backroom) -> None:
    """RFC 9126 section 2.2: a page once the seconds of `expires_in` have passed, and Redis has nothing any more."""
    kept = backroom.redis.client
    before, asked = set(kept.scan_iter("*pushed_request*")), client.rp.ask()
    pushed = client.push(asked)
    (key,) = set(kept.scan_iter("*pushed_request*")) - before
    assert 0 < kept.ttl(key) <= pushed.json()["expires_in"] <= 600
    assert kept.delete(key) == 1
    _is_a_page(visitor, client.coming(asked, pushed))


def _is_a_page(person: Person, brought: Asked) -> None:
    answer = person.send("GET", brought.url)
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)
    assert answer.headers["Content-Type"].startswith("text/html")
