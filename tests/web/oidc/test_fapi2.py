"""Profile `fapi2` (FAPI 2.0 Security Profile, Message Signing): pushed, proved, bound; OpenID Connect or OAuth."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.consent_page import LAB
from tests.support.key_holder import Holder
from tests.support.person import Person
from tests.support.relying_party_client import (
    ACCESS_TOKEN,
    TOKEN_EXCHANGE,
    Asked,
    RelyingParty,
    claims_of,
    header_of,
    sign,
)
from tests.support.town import Town
from tests.support.town_fixtures import FAPI2, REDIRECT

NEITHER: dict[str, Any] = {"state": None, "nonce": None}


@pytest.fixture
def app(vad_town: Town, rp_keys: dict[str, dict[str, object]]) -> Callable[[str], Holder]:
    """Give an app of this profile, by name, with a key to bind tokens to."""

    def named(name: str = FAPI2[0]) -> Holder:
        return Holder(RelyingParty(vad_town.issuer, name, REDIRECT, rp_keys[name], vad_town.issuer))

    return named


@pytest.fixture
def holder(app: Callable[[str], Holder]) -> Holder:
    """Give one."""
    return app(FAPI2[0])


def push(holder: Holder, asked: Asked, **changes: Any) -> requests.Response:
    """Push a request; of a parameter that comes twice, both."""
    fields: dict[str, Any] = {}
    for name, value in asked.parameters:
        fields.setdefault(name, []).append(value)
    return holder.post("/par", {**fields, **changes})


def come_with(holder: Holder, request_uri: str, asked: Asked) -> Asked:
    """What the browser then brings."""
    pairs = [("client_id", holder.rp.client_id), ("request_uri", request_uri)]
    return Asked(pairs, asked.code_verifier, f"{holder.rp.issuer}/authorize?{urlencode(pairs)}")


def held(holder: Holder, person: Person, **asked: Any) -> dict[str, Any]:
    """The answer to a code that was asked for as the profile wants."""
    wanted = holder.rp.ask(**asked)
    pushed = push(holder, wanted)
    assert pushed.status_code == 201, pushed.text
    brought = come_with(holder, pushed.json()["request_uri"], wanted)
    answer = holder.redeem(brought, person.authorize(brought))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_way_of_the_profile(holder: Holder, person: Person) -> None:
    """Sections 5.3.2.1 and 5.3.2.2: state and nonce are the app's to choose, tokens are bound, PS256 signs."""
    got = held(holder, person, **NEITHER)
    assert person.answer is not None
    assert (set(person.answer), person.answer["iss"]) == ({"code", "iss"}, holder.rp.issuer)
    assert (got["token_type"], claims_of(got["access_token"])["cnf"]) == ("DPoP", {"jkt": holder.jkt})
    assert header_of(got["id_token"])["alg"] == "PS256"
    keys = KeySet.import_key_set(requests.get(f"{holder.rp.issuer}/jwks", timeout=20).json())
    assert jwt.decode(got["id_token"], keys, algorithms=["PS256"]).claims["aud"] == holder.rp.client_id


def test_a_request_that_was_not_pushed_is_refused(holder: Holder, person: Person) -> None:
    """Section 5.3.2.2: nothing that passed through the browser counts."""
    person.open(holder.rp.ask().url)
    assert person.answer is not None
    assert person.answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"redirect_uri": None},
        {"redirect_uri": REDIRECT + "/other"},
        {"response_type": "code id_token"},
        {"scope": None},
    ],
)
def test_what_a_pushed_request_must_hold(holder: Holder, changes: dict[str, Any]) -> None:
    """Section 5.3.2.2: PKCE with S256, a registered redirect URI, the code flow. And a scope: nothing is presumed."""
    assert push(holder, holder.rp.ask(**changes)).status_code == 400


def test_a_request_without_scope_is_told_what_it_lacks(holder: Holder) -> None:
    """It need not ask for `openid`, so it is not told to."""
    for scope, told in (("", "scope is required"), ("profile", "nothing is given here for any value of the scope")):
        refused = push(holder, holder.rp.ask(scope=scope)).json()
        assert (refused["error"], refused["error_description"]) == ("invalid_scope", told)


@pytest.mark.parametrize("audience", ["{}/token", "{}/par", ["{}"], ["{}", "https://other.example"]])
def test_an_assertion_is_for_the_issuer_as_a_string(holder: Holder, audience: str | list[str]) -> None:
    """Section 5.3.2.1: what other profiles take would let an assertion be used at another server."""
    issuer = holder.rp.issuer
    named = [each.format(issuer) for each in audience] if isinstance(audience, list) else audience.format(issuer)
    refused = holder.post("/par", {**dict(holder.rp.ask().parameters)}, assertion={"aud": named})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("ahead", [8, 90])
def test_the_clock_of_the_app(holder: Holder, ahead: int) -> None:
    """Section 5.3.2.1: ten seconds ahead is taken, more than a minute is not."""
    now = int(time.time())
    times = {"iat": now + ahead, "nbf": now + ahead, "exp": now + ahead + 60}
    answer = holder.post("/par", dict(holder.rp.ask().parameters), assertion=times)
    assert answer.status_code == (201 if ahead <= 10 else 401)


def test_tokens_that_are_not_bound_are_not_given(holder: Holder, person: Person) -> None:
    """Section 5.3.2.1: sender-constrained access tokens alone."""
    wanted = holder.rp.ask()
    brought = come_with(holder, push(holder, wanted).json()["request_uri"], wanted)
    assert holder.rp.redeem(brought, person.authorize(brought)).json()["error"] == "invalid_request"


def test_a_refresh_token_stays_good(app: Callable[[str], Holder], holder: Holder, person: Person) -> None:
    """Section 5.3.2.1: no rotation, as the token is bound to the app, which may bring another key (RFC 9449 section 5).

    A thief who is not the app gets nothing and ends nothing, nor does whoever brings no key.
    """
    got = held(holder, person, resources=(LAB,), scope="openid 51")
    form = {"grant_type": "refresh_token", "refresh_token": got["refresh_token"]}
    for _ in range(3):
        again = holder.post("/token", form).json()
        assert again["refresh_token"] == got["refresh_token"]
        assert claims_of(again["access_token"])["cnf"] == {"jkt": holder.jkt}
    second = Holder(holder.rp)
    assert claims_of(second.post("/token", form).json()["access_token"])["cnf"] == {"jkt": second.jkt}
    stranger = app(FAPI2[1])
    for thief in (stranger, Holder(stranger.rp, holder.key)):
        assert thief.post("/token", form).json()["error"] == "invalid_grant"
    forged = Holder(RelyingParty(holder.rp.issuer, holder.rp.client_id, REDIRECT, stranger.rp.key, holder.rp.issuer))
    assert forged.post("/token", form).json()["error"] == "invalid_client"
    assert holder.rp.token(form).json()["error"] == "invalid_request"
    assert holder.post("/token", form).status_code == 200
    assert holder.rp.revoke(got["refresh_token"]).status_code == 200
    assert holder.post("/token", form).json()["error"] == "invalid_grant"


def test_plain_oauth(holder: Holder, person: Person) -> None:
    """Without `openid`: access to data, and no word on who logged in. So it stays, through refresh and exchange.

    What libraries add to the scope unasked gives nothing (OIDC Core 3.1.2.1).
    """
    got = held(holder, person, resources=(LAB,), scope="51 profile offline_access", **NEITHER)
    assert ("id_token" in got, got["scope"]) == (False, "51")
    assert claims_of(got["access_token"])["scope"] == "51"
    told = holder.userinfo(got["access_token"])
    assert (told.status_code, 'error="insufficient_scope"' in told.headers["WWW-Authenticate"]) == (403, True)
    assert holder.rp.introspect(got["access_token"]).json()["scope"] == "51"
    assert holder.rp.introspect(got["refresh_token"]).json()["scope"] == "51"
    again = holder.post("/token", {"grant_type": "refresh_token", "refresh_token": got["refresh_token"]}).json()
    assert ("id_token" in again, again["scope"]) == (False, "51")
    assert holder.userinfo(again["access_token"]).status_code == 403
    wider = {"grant_type": "refresh_token", "refresh_token": got["refresh_token"], "scope": "openid 51"}
    assert holder.post("/token", wider).json()["error"] == "invalid_scope"
    form = {"grant_type": TOKEN_EXCHANGE, "subject_token": again["access_token"], "resource": LAB}
    at_source = holder.post("/token", {**form, "subject_token_type": ACCESS_TOKEN}).json()
    assert claims_of(at_source["access_token"])["aud"] == LAB


def test_an_app_that_signs_all_its_requests(app: Callable[[str], Holder], person: Person) -> None:
    """Message Signing section 5.3.1, RFC 9101 section 10.5: an unsigned one is refused, pushed or not."""
    holder = app(FAPI2[1])
    wanted = holder.rp.ask()
    assert push(holder, wanted).json()["error"] == "invalid_request"
    now = int(time.time())
    claims = {**dict(wanted.parameters), "iss": holder.rp.client_id, "aud": holder.rp.issuer}
    signed = sign({**claims, "nbf": now, "exp": now + 300}, holder.rp.key, {"typ": "oauth-authz-req+jwt"})
    pushed = holder.post("/par", {"request": signed})
    assert pushed.status_code == 201, pushed.text
    brought = come_with(holder, pushed.json()["request_uri"], wanted)
    assert "id_token" in holder.redeem(brought, person.authorize(brought)).json()
    alone = holder.post("/par", {"request": signed, "client_id": None})
    assert alone.status_code == 201, "RFC 9126 section 3: with an assertion nothing else stands beside it"
    assert holder.post("/par", {"request": signed, "client_id": FAPI2[0]}).json()["error"] == "invalid_client"
    for left_out in ("iss", "aud", "nbf", "exp"):
        less = {name: value for name, value in {**claims, "nbf": now, "exp": now + 300}.items() if name != left_out}
        refused = holder.post("/par", {"request": sign(less, holder.rp.key)})
        assert refused.json()["error"] == "invalid_request_object"


def test_discovery_names_what_it_takes(vad_town: Town) -> None:
    """RFC 8414: an app of the profile finds PAR, DPoP, PS256 and `iss`."""
    found = requests.get(f"{vad_town.issuer}/.well-known/oauth-authorization-server", timeout=20).json()
    assert "PS256" in found["id_token_signing_alg_values_supported"]
    assert "PS256" in found["token_endpoint_auth_signing_alg_values_supported"]
    assert found["pushed_authorization_request_endpoint"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert {"ES256", "PS256"} <= set(found["dpop_signing_alg_values_supported"])
