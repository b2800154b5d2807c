"""FAPI 2.0 Security Profile: what no other test shows, as its plan plays it. docs/conformance.md has all of it."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests

from tests.conformance.conftest import App
from tests.conformance.fapi2_client import Fapi2Client
from tests.support.consent_page import LAB
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import ASSERTION_TYPE, claims_of, new_key, sign
from tests.support.town_fixtures import FAPI2, REDIRECT


def test_happy_flow(app: App, new_person: Callable[[], Person]) -> None:
    """Two apps, the second with a query in its redirect URI; with the key of the first its token opens nothing."""
    one, two = (app(FAPI2[0]) for _ in range(2))
    two.rp.redirect_uri = REDIRECT + "?app=1"
    for client in (one, two):
        asked = client.rp.ask(state=secrets.token_urlsafe(96))
        person = new_person()
        tokens = client.tokens(person, asked)
        assert person.answer is not None
        assert (person.answer["iss"], person.answer["state"]) == (client.rp.issuer, dict(asked.parameters)["state"])
        assert claims_of(tokens["id_token"])["nonce"] == dict(asked.parameters)["nonce"]
        assert client.holder.userinfo(tokens["access_token"]).status_code == 200
    one.holder.nonce = two.holder.nonce
    assert one.holder.userinfo(tokens["access_token"]).status_code == 401


def test_user_rejects_authentication(client: Fapi2Client, person: Person) -> None:
    """`access_denied`, with the state."""
    asked = client.rp.ask()
    person.open(client.coming(asked, client.push(asked)).url)
    person.press("cancel")
    assert person.answer is not None
    assert (person.answer["error"], person.answer["state"]) == ("access_denied", dict(asked.parameters)["state"])


def test_state_and_nonce(client: Fapi2Client, person: Person) -> None:
    """Left out or long (64 and 384 characters), they come back as they were; one outside the pushed request never."""
    nonces = [None, "n" * 64, "n" * 384, secrets.token_urlsafe(8)]
    for nonce, state in zip(nonces, [None, "s" * 384, "s" * 128, None], strict=True):
        asked = client.rp.ask(nonce=nonce, state=state)
        code = client.code(person, asked, state="outside", nonce="outside")
        assert person.answer is not None
        assert person.answer.get("state") == state
        tokens = client.holder.redeem(asked, code).json()
        assert claims_of(tokens["id_token"]).get("nonce") == nonce


def test_other_scope_order(client: Fapi2Client, person: Person) -> None:
    """`ensure-other-scope-order-succeeds`: `openid` last."""
    asked = client.rp.ask(scope="51 openid", resources=(LAB,))
    assert set(client.tokens(person, asked)["scope"].split()) == {"openid", "51"}


def test_access_token_type_header_case_sensitivity(client: Fapi2Client, person: Person) -> None:
    """RFC 9110 section 11.1: the name of a scheme is the same in any case."""
    token = client.tokens(person)["access_token"]
    assert client.holder.userinfo(token, "dpOp").status_code == 200


@pytest.mark.parametrize(
    "times", [{"iat": -10}, {"iat": 10}, {"nbf": 0, "exp": 300}], ids=["before", "after", "nbf-exp"]
)
def test_times_of_a_proof(client: Fapi2Client, person: Person, times: dict[str, int]) -> None:
    """`…-dpopproof-with-iat-10seconds-…-succeeds`, `…-check-dpop-proof-nbf-exp`: at the token endpoint and userinfo."""
    now = int(time.time())
    changes: dict[str, Any] = {name: now + offset for name, offset in times.items()}
    asked = client.rp.ask()
    form = {"grant_type": "authorization_code", "code": client.code(person, asked), "redirect_uri": REDIRECT}
    got = client.holder.post("/token", {**form, "code_verifier": asked.code_verifier}, **changes)
    assert got.status_code == 200, got.text
    assert client.holder.userinfo(got.json()["access_token"], **changes).status_code == 200


PUSHED: dict[str, dict[str, Any]] = {
    "ensure-request-object-without-redirect-uri-fails": {"redirect_uri": None},
    "ensure-redirect-uri-in-authorization-request": {"redirect_uri": None},
    "ensure-registered-redirect-uri": {"redirect_uri": REDIRECT + "/x"},
    "ensure-response-type-code-idtoken-fails": {"response_type": "code id_token"},
    "ensure-response-type-token-fails": {"response_type": "token"},
    "par-ensure-pkce-required": {"code_challenge": None, "code_challenge_method": None},
    "par-plain-pkce-rejected": {"code_challenge_method": "plain"},
    "par-authorization-request-containing-request_uri-form-param": {
        "request_uri": "urn:ietf:params:oauth:request_uri:x"
    },
}
ERRORS = {"invalid_request", "invalid_request_object", "unsupported_response_type"}


@pytest.mark.parametrize("module", PUSHED)
def test_what_may_not_be_pushed(client: Fapi2Client, module: str) -> None:
    """400, with an error that the plan knows."""
    refused = client.push(client.rp.ask(**PUSHED[module]))
    assert (refused.status_code, refused.json()["error"] in ERRORS) == (400, True)


def test_par_attempt_invalid_http_method(client: Fapi2Client) -> None:
    """RFC 9126 section 2.3: 405, also with all that a request needs."""
    form = {**dict(client.rp.ask().parameters), "client_assertion": client.rp.assertion()}
    form["client_assertion_type"] = ASSERTION_TYPE
    assert requests.put(f"{client.rp.issuer}/par", form, timeout=20).status_code == 405


def test_par_request_uri_of_another_client(client: Fapi2Client, signing: Fapi2Client) -> None:
    """`par-attempt-to-use-request_uri-for-different-client`: a page, and nobody is sent anywhere."""
    asked = client.rp.ask()
    brought = signing.coming(asked, client.push(asked))
    refused = requests.get(brought.url, timeout=20, allow_redirects=False)
    assert (refused.status_code, refused.headers.get("Location")) == (400, None)


TOKEN: dict[str, Mapping[str, str | None]] = {
    "ensure-pkce-code-verifier-required": {"code_verifier": None},
    "incorrect-pkce-code-verifier-rejected": {"code_verifier": "w" * 64},
    "ensure-client-assertion-in-token-endpoint": {"client_assertion": None, "client_assertion_type": None},
    "ensure-client-id-in-token-endpoint": {"client_id": FAPI2[1]},
}


@pytest.mark.parametrize("module", TOKEN)
def test_what_the_token_endpoint_wants(client: Fapi2Client, person: Person, module: str) -> None:
    """A code, with one thing wrong."""
    asked = client.rp.ask()
    form: dict[str, Any] = {"grant_type": "authorization_code", "code": client.code(person, asked)}
    form |= {"client_id": client.rp.client_id, "redirect_uri": REDIRECT, "code_verifier": asked.code_verifier}
    form |= {"client_assertion_type": ASSERTION_TYPE, "client_assertion": client.rp.assertion(), **TOKEN[module]}
    sent = {name: value for name, value in form.items() if value is not None}
    headers = {"DPoP": client.holder.proof("POST", "/token")}
    refused = requests.post(f"{client.rp.issuer}/token", sent, headers=headers, timeout=20)
    if refused.json()["error"] == "use_dpop_nonce":
        client.holder.nonce = refused.headers["DPoP-Nonce"]
        sent |= {"client_assertion": client.rp.assertion()} if "client_assertion" in sent else {}
        headers = {"DPoP": client.holder.proof("POST", "/token")}
        refused = requests.post(f"{client.rp.issuer}/token", sent, headers=headers, timeout=20)
    proved = "code_verifier" in TOKEN[module]
    assert refused.status_code == (400 if proved else 401)
    assert refused.json()["error"] in ({"invalid_grant", "invalid_request"} if proved else {"invalid_client"})


def test_authorization_code_is_bound_to_client(client: Fapi2Client, signing: Fapi2Client, person: Person) -> None:
    """Another app gets nothing for it, with its own key or that of the first."""
    asked = client.rp.ask()
    code = client.code(person, asked)
    for holder in (signing.holder, Holder(signing.rp, client.holder.key)):
        refused = holder.redeem(asked, code)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def assertions(client: Fapi2Client) -> dict[str, dict[str, Any]]:
    """What `ensure-invalid-client-assertions-fail` sends, and the modules that it took together; by what is wrong."""
    rp, now = client.rp, int(time.time())
    good = claims_of(rp.assertion())
    stranger = {**new_key(str(rp.key["kid"]), use="sig", alg="ES256")}
    unsigned = "eyJhbGciOiJub25lIn0." + rp.assertion().split(".")[1] + "."
    wrong: dict[str, dict[str, Any]] = {
        "no sub": {"sub": None},
        "another sub": {"sub": FAPI2[1]},
        "no iss": {"iss": None},
        "another iss": {"iss": "nobody"},
        "no aud": {"aud": None},
        "another aud": {"aud": "https://other.example"},
        "PAR as aud": {"aud": f"{rp.issuer}/par"},
        "token endpoint as aud": {"aud": f"{rp.issuer}/token"},
        "a list as aud": {"aud": [rp.issuer, "https://other.example"]},
        "ended five minutes ago": {"exp": now - 300, "iat": now - 600},
        "ahead": {"iat": now + 90, "nbf": now + 90, "exp": now + 150},
    }
    sent: dict[str, dict[str, Any]] = {name: {"client_assertion": rp.assertion(**each)} for name, each in wrong.items()}
    return sent | {
        "no assertion": {"client_assertion": None, "client_assertion_type": None},
        "no type": {"client_assertion": rp.assertion(), "client_assertion_type": None},
        "another type": {"client_assertion": rp.assertion(), "client_assertion_type": "urn:x"},
        "none": {"client_assertion": unsigned},
        "a signature of another": {"client_assertion": sign({**good, "jti": "x"}, stranger)},
    }


def test_ensure_invalid_client_assertions_fail(client: Fapi2Client) -> None:
    """400 or 401 and `invalid_client` or `invalid_request` to each, at PAR; a good one, eight seconds ahead, does."""
    asked = dict(client.rp.ask().parameters)
    for wrong, changes in assertions(client).items():
        form = {**asked, "client_assertion_type": ASSERTION_TYPE, **changes}
        sent = {name: value for name, value in form.items() if value is not None}
        refused = requests.post(f"{client.rp.issuer}/par", sent, timeout=20)
        assert refused.status_code in {400, 401}, wrong
        assert refused.json()["error"] in {"invalid_client", "invalid_request"}, wrong
    soon = int(time.time()) + 8
    assert client.push(client.rp.ask(), assertion={"iat": soon, "nbf": soon, "exp": soon + 60}).status_code == 201


def test_refresh_token(client: Fapi2Client, signing: Fapi2Client, person: Person) -> None:
    """New tokens by it; nothing without the key, and nothing for another app."""
    held = client.tokens(person)
    form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], "scope": "openid"}
    again = client.holder.post("/token", form)
    assert (again.status_code, again.json()["access_token"] != held["access_token"]) == (200, True)
    assert client.holder.userinfo(again.json()["access_token"]).status_code == 200
    unproved = client.rp.token(form)
    assert (unproved.status_code, unproved.json()["error"]) == (400, "invalid_request")
    stolen = replace(signing, holder=Holder(signing.rp, client.holder.key)).holder.post("/token", form)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
