"""Basic OP and Form Post OP: the modules that end in a refusal, and those that are skipped as VAD lacks what they need.

Form Post OP plays all of them again with `response_mode=form_post`.
"""

import json
import time
from typing import Any

from tests.conformance.answers import declined, refusal
from tests.conformance.basic_client import BasicClient
from tests.conformance.playing import FORM_POST, plays
from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import claims_of
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.inside import unsigned
from vad.adapters.redis.keys import StoreKeys


@plays("oidcc-response-type-missing", also=FORM_POST)
def test_oidcc_response_type_missing(basic: BasicClient, visitor: Person) -> None:
    """RFC 6749 section 3.1.1: the app is told, with its state and no code."""
    asked = basic.ask(response_type=None)
    error = declined(basic.issuer, basic.answer(visitor, asked), asked)
    assert error in {"invalid_request", "unsupported_response_type"}


@plays("oidcc-prompt-none-not-logged-in", also=FORM_POST)
def test_oidcc_prompt_none_not_logged_in(basic: BasicClient, person: Person) -> None:
    """`login_required`, with the state and no code."""
    asked = basic.ask(prompt="none")
    assert declined(basic.issuer, basic.answer(person, asked), asked) == "login_required"


@plays("oidcc-codereuse", "oidcc-codereuse-30seconds", also=FORM_POST)
def test_reuse_of_a_code(basic: BasicClient, visitor: Person, backroom: Backroom, module: str) -> None:
    """`invalid_grant`, and what the first use gave is worth nothing any more.

    Half a minute later nothing is different; here, more than that: Redis has forgotten that the code was ever used.
    """
    code = basic.answer(visitor, basic.ask())["code"]
    token = basic.redeem(code).json()["access_token"]
    assert basic.userinfo(token).status_code == 200
    if module == "oidcc-codereuse-30seconds":
        mark = StoreKeys(backroom.foundation.keyring).of("used", f"code:{basic.name}", code)
        assert backroom.redis.client.delete(mark) == 1
    refused = basic.redeem(code)
    assert refusal(refused) == (400, "invalid_grant")
    assert basic.userinfo(token).status_code == 401


@plays("oidcc-ensure-registered-redirect-uri", also=FORM_POST)
def test_oidcc_ensure_registered_redirect_uri(basic: BasicClient, visitor: Person) -> None:
    """A page that says so, also for who is logged in: nobody is sent to an address that is not registered."""
    asked = basic.ask(redirect_uri=f"{REDIRECT}/{time.monotonic_ns()}")
    _is_a_page(visitor, asked.url)


UNSIGNED = "request_object_signing_alg_values_supported"


@plays("oidcc-idtoken-unsigned", also=FORM_POST)
def test_oidcc_idtoken_unsigned(basic: BasicClient, visitor: Person, known: dict[str, Any]) -> None:
    """Skipped: discovery has no `none` for ID tokens, and each has a signature."""
    assert "none" not in known["id_token_signing_alg_values_supported"]
    assert basic.tokens(visitor, basic.ask())["id_token"].split(".")[2]


@plays("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", also=FORM_POST)
def test_unsigned_request_object(basic: BasicClient, visitor: Person, known: dict[str, Any]) -> None:
    """Skipped: discovery has no `none` for requests. One that comes is refused, and the app is told."""
    assert "none" not in known[UNSIGNED]
    asked = basic.ask(request=_unsigned(basic))
    assert declined(basic.issuer, basic.answer(visitor, asked), asked) == "invalid_request_object"


@plays("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", also=FORM_POST)
def test_unsigned_request_uri(basic: BasicClient, visitor: Person, known: dict[str, Any]) -> None:
    """Skipped for the same reason. An address that the client did not register is not even fetched."""
    assert (UNSIGNED in known, "none" in known[UNSIGNED]) == (True, False)
    assert known["require_request_uri_registration"] is True
    asked = basic.ask(request_uri="https://rp.example/request.jwt")
    assert declined(basic.issuer, basic.answer(visitor, asked), asked) == "invalid_request_uri"


@plays("oidcc-ensure-request-object-with-redirect-uri", also=FORM_POST)
def test_oidcc_ensure_request_object_with_redirect_uri(
    basic: BasicClient, visitor: Person, known: dict[str, Any]
) -> None:
    """Skipped for the same reason. A wrong address beside an unsigned request leads nobody there."""
    assert "none" not in known[UNSIGNED]
    asked = basic.ask(request=_unsigned(basic), redirect_uri="https://other.example/callback")
    _is_a_page(visitor, asked.url)


def _is_a_page(person: Person, url: str) -> None:
    answer = person.send("GET", url)
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)
    assert answer.headers["Content-Type"].startswith("text/html")


def _unsigned(client: BasicClient) -> str:
    """A request as the suite would have it, without a signature."""
    claims = {**dict(client.ask().parameters), "iss": client.name, "aud": client.issuer}
    token = unsigned(claims, {"alg": "none"})
    assert claims_of(token) == json.loads(json.dumps(claims))
    return token
