"""FAPI 2.0 Security Profile and Message Signing: codes, assertions and refresh tokens with something wrong."""

import re
import time
from dataclasses import replace
from typing import Any

import requests

from tests.conformance.answers import refusal
from tests.conformance.fapi2_client import WHOLE, Fapi2Client
from tests.conformance.playing import FAPI2, SIGNED, plays
from tests.support.backroom import Backroom
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import ASSERTION_TYPE, Asked, claims_of, new_key, sign
from tests.support.town_fixtures import REDIRECT
from vad.adapters.redis.keys import StoreKeys


def redeemed(client: Fapi2Client, asked: Asked, code: str, **changes: str | None) -> requests.Response:
    """Redeem a code with a DPoP proof and what is changed; None leaves a field out."""
    form: dict[str, Any] = {"grant_type": "authorization_code", "code": code, "client_id": client.rp.client_id}
    form |= {"redirect_uri": REDIRECT, "code_verifier": asked.code_verifier, "client_assertion_type": ASSERTION_TYPE}
    for _ in range(2):
        sent = {**form, "client_assertion": client.rp.assertion(), **changes}
        present = {name: value for name, value in sent.items() if value is not None}
        headers = {"DPoP": client.holder.proof("POST", "/token")}
        answer = requests.post(f"{client.rp.issuer}/token", present, headers=headers, timeout=20)
        if answer.json().get("error") != "use_dpop_nonce":
            break
        client.holder.nonce = answer.headers["DPoP-Nonce"]
    return answer


VERIFIERS = {"ensure-pkce-code-verifier-required": None, "incorrect-pkce-code-verifier-rejected": "w" * 64}


@plays(*(FAPI2 + name for name in VERIFIERS), also=SIGNED)
def test_verifiers(client: Fapi2Client, visitor: Person, module: str) -> None:
    """RFC 7636 section 4.6: none, or another."""
    asked = client.rp.ask()
    answer = redeemed(client, asked, client.code(visitor, asked), code_verifier=VERIFIERS[module.removeprefix(FAPI2)])
    assert refusal(answer) == (400, "invalid_grant")


@plays(FAPI2 + "ensure-client-assertion-in-token-endpoint", also=SIGNED)
def test_without_an_assertion(client: Fapi2Client, visitor: Person) -> None:
    """`client_id` alone proves nobody; the code is not spent by it."""
    asked = client.rp.ask()
    code = client.code(visitor, asked)
    refused = redeemed(client, asked, code, client_assertion=None, client_assertion_type=None)
    assert refusal(refused) == (401, "invalid_client")
    assert client.holder.redeem(asked, code).status_code == 200


@plays(FAPI2 + "ensure-client-id-in-token-endpoint", also=SIGNED)
def test_the_name_of_another_app(client: Fapi2Client, second: Fapi2Client, visitor: Person) -> None:
    """Beside one's own assertion, or in one that one's own key signed."""
    asked, other = client.rp.ask(), second.rp.client_id
    code = client.code(visitor, asked)
    assert refusal(redeemed(client, asked, code, client_id=other)) == (401, "invalid_client")
    forged = client.rp.assertion(iss=other, sub=other)
    assert refusal(redeemed(client, asked, code, client_id=other, client_assertion=forged)) == (401, "invalid_client")


@plays(FAPI2 + "ensure-holder-of-key-required", also=SIGNED)
def test_without_a_proof(client: Fapi2Client, visitor: Person) -> None:
    """No token that is not bound to a key, also where the request was pushed without one."""
    asked = client.rp.ask()
    for pushed in (client.push(asked), client.push_unproved(asked)):
        refused = client.rp.redeem(asked, client.code(visitor, asked, pushed))
        assert refusal(refused) in {(400, "invalid_request"), (400, "invalid_dpop_proof")}


@plays(FAPI2 + "ensure-authorization-code-is-bound-to-client", also=SIGNED)
def test_authorization_code_is_bound_to_client(client: Fapi2Client, second: Fapi2Client, visitor: Person) -> None:
    """Another app gets nothing for it, with its own key or that of the first."""
    asked = client.rp.ask()
    code = client.code(visitor, asked)
    for holder in (second.holder, Holder(second.rp, client.holder.key)):
        assert refusal(holder.redeem(asked, code)) == (400, "invalid_grant")


@plays(FAPI2 + "attempt-reuse-authorization-code-after-one-second", also=SIGNED)
def test_a_code_that_was_used(client: Fapi2Client, visitor: Person) -> None:
    """`invalid_grant`, and the tokens that it gave are worth nothing any more."""
    asked = client.rp.ask()
    code = client.code(visitor, asked)
    token = client.holder.redeem(asked, code).json()["access_token"]
    assert client.holder.userinfo(token).status_code == 200
    assert refusal(client.holder.redeem(asked, code)) == (400, "invalid_grant")
    assert client.holder.userinfo(token).status_code == 401


@plays(FAPI2 + "ensure-token-endpoint-fails-with-expired-auth-code", also=SIGNED)
def test_a_code_whose_time_is_over(client: Fapi2Client, visitor: Person, backroom: Backroom) -> None:
    """After a minute at most: Redis has forgotten it."""
    asked = client.rp.ask()
    code = client.code(visitor, asked)
    key = StoreKeys(backroom.foundation.keyring).of("code", code)
    assert 0 < backroom.redis.client.ttl(key) <= 60
    assert backroom.redis.client.delete(key) == 1
    assert refusal(client.holder.redeem(asked, code)) == (400, "invalid_grant")


WRONG: dict[str, dict[str, Any]] = {
    "ensure-client-assertion-with-exp-is-5-minutes-in-past-fails": {"exp": -300, "iat": -600},
    "ensure-client-assertion-with-wrong-aud-fails": {"aud": "https://other.example"},
    "ensure-client-assertion-with-no-sub-fails": {"sub": None},
}


@plays(*(FAPI2 + name for name in WRONG), also=SIGNED)
def test_assertions_with_one_thing_wrong(client: Fapi2Client, visitor: Person, module: str) -> None:
    """At the token endpoint, for a live code; a good one then redeems it."""
    now, asked = int(time.time()), client.rp.ask()
    changed = WRONG[module.removeprefix(FAPI2)]
    claims: dict[str, Any] = {name: now + value if isinstance(value, int) else value for name, value in changed.items()}
    code = client.code(visitor, asked)
    refused = redeemed(client, asked, code, client_assertion=client.rp.assertion(**claims))
    assert refusal(refused) == (401, "invalid_client")
    assert client.holder.redeem(asked, code).status_code == 200


def assertions(client: Fapi2Client, second: Fapi2Client) -> dict[str, dict[str, str | None]]:
    """What `ensure-invalid-client-assertions-fail` sends, by what is wrong; releases before had a module for some."""
    rp, now = client.rp, int(time.time())
    good = claims_of(rp.assertion())
    stranger = {**new_key(str(rp.key["kid"]), use="sig", alg="ES256")}
    unsigned = "eyJhbGciOiJub25lIn0." + rp.assertion().split(".")[1] + "."
    wrong: dict[str, dict[str, Any]] = {
        "no sub": {"sub": None},
        "another sub": {"sub": second.rp.client_id},
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
    sent: dict[str, dict[str, str | None]] = {
        name: {"client_assertion": rp.assertion(**each)} for name, each in wrong.items()
    }
    return sent | {
        "no assertion": {"client_assertion": None, "client_assertion_type": None},
        "no type": {"client_assertion_type": None},
        "another type": {"client_assertion_type": "urn:x"},
        "none": {"client_assertion": unsigned},
        "a signature of another": {"client_assertion": sign({**good, "jti": "x"}, stranger)},
    }


@plays(FAPI2 + "ensure-invalid-client-assertions-fail", also=SIGNED)
def test_ensure_invalid_client_assertions_fail(client: Fapi2Client, second: Fapi2Client) -> None:
    """400 or 401 and `invalid_client` or `invalid_request` to each, at PAR; a good one, eight seconds ahead, does."""
    asked = client.rp.ask()
    for wrong, changes in assertions(client, second).items():
        status, error = refusal(client.push_unproved(asked, **changes))
        assert (status in {400, 401}, error in {"invalid_client", "invalid_request"}) == (True, True), wrong
    soon = int(time.time()) + 8
    assert client.push(asked, assertion={"iat": soon, "nbf": soon, "exp": soon + 60}).status_code == 201
    assert client.push(asked).status_code == 201


@plays(FAPI2 + "refresh-token", also=SIGNED)
def test_refresh_token(client: Fapi2Client, second: Fapi2Client, visitor: Person, known: dict[str, Any]) -> None:
    """New tokens by it for both apps, with a new key; it stays, for all that was asked.

    Nothing by who does not say who they are, without a proof, or for another app.
    """
    assert "refresh_token" in known["grant_types_supported"]
    for one, other in ((client, second), (second, client)):
        held = one.tokens(visitor, one.rp.ask(scope=WHOLE))
        assert re.fullmatch(r"[\x21-\x7e]+", held["refresh_token"])
        form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"], "client_id": None}
        whole = {**form, "scope": WHOLE}
        renewed = replace(one, holder=Holder(one.rp))
        got = renewed.holder.post("/token", whole if one is client else form)
        assert (got.status_code, got.headers["Content-Type"]) == (200, "application/json")
        assert got.headers["Cache-Control"] == "no-store"
        again = got.json()
        assert (again["token_type"], set(again["scope"].split())) == ("DPoP", set(WHOLE.split()))
        assert (again["access_token"] != held["access_token"], again["expires_in"] > 0) == (True, True)
        assert again["refresh_token"] == held["refresh_token"]
        assert one.holder.userinfo(again["access_token"]).status_code == 401
        told = renewed.holder.userinfo(again["access_token"])
        assert (told.status_code, told.json()["sub"]) == (200, claims_of(held["id_token"])["sub"])
        unproved = {"DPoP": renewed.holder.proof("POST", "/token")}
        nobody = one.rp.http.post(f"{one.rp.issuer}/token", whole, headers=unproved, timeout=20)
        assert refusal(nobody) == (401, "invalid_client")
        assert refusal(one.rp.token(whole)) == (400, "invalid_request")
        other.holder.nonce = renewed.holder.nonce
        assert other.holder.userinfo(again["access_token"]).status_code == 401
        for key in (one.holder.key, other.holder.key):
            stolen = replace(other, holder=Holder(other.rp, key))
            assert refusal(stolen.holder.post("/token", form)) == (400, "invalid_grant")
        assert one.holder.post("/token", whole).status_code == 200
