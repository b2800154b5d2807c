"""Profile `ministry`: the wire of the ministry's DVP proxy and its Laravel client, and nothing that weakens another."""

import base64
import json
import re
import time
from collections.abc import Mapping
from datetime import timedelta

import pytest
import requests
from joserfc import jws
from joserfc.jwk import RSAKey

from tests.support.backroom import Backroom
from tests.support.ministry import OPEN, POST, PROXY, SECRET, DvpProxy
from tests.support.person import Person
from tests.support.relying_party_client import ASSERTION_TYPE, RelyingParty, claims_of, header_of
from tests.support.town import Town

ANSWER = {"access_token", "token_type", "expires_in", "id_token", "scope"}
UNPROVED = {"error": "invalid_client", "error_description": "the client is not proved"}


@pytest.fixture
def proxy(vad_town: Town, ministry_key: RSAKey) -> DvpProxy:
    """Give the DVP proxy, which proves itself with its key."""
    return DvpProxy(vad_town.issuer, PROXY, ministry_key)


@pytest.mark.parametrize("name", [PROXY, OPEN, POST])
def test_as_the_dvp_proxy_speaks(vad_town: Town, ministry_key: RSAKey, person: Person, name: str) -> None:
    """Its form in, its members out: by a key, by nothing, by a secret in the form. The ID token is signed with RS256.

    Its `state` is longer than what others may send, and comes back as it was.
    """
    proxy = DvpProxy(vad_town.issuer, name, ministry_key if name == PROXY else None)
    asked = proxy.ask(scope="openid authorization_by_proxy")
    code = person.authorize(asked)
    assert person.answer is not None
    assert person.answer["state"] == dict(asked.parameters)["state"]
    assert len(person.answer["state"]) > 3000
    response = proxy.redeem(asked, code, {"client_secret": SECRET} if name == POST else None)
    answer = response.json()
    assert response.status_code == 200, answer
    assert set(answer) == ANSWER
    assert (answer["token_type"], answer["scope"], type(answer["expires_in"])) == ("Bearer", "openid", int)
    id_token = answer["id_token"]
    keys = requests.get(f"{vad_town.issuer}/jwks", timeout=20).json()["keys"]
    (signed,) = (each for each in keys if each["kid"] == header_of(id_token)["kid"])
    assert header_of(id_token)["alg"] == signed["alg"] == "RS256"
    assert {"at_hash", "nonce", "sub"} <= claims_of(id_token).keys()
    assert claims_of(id_token)["nonce"] == dict(asked.parameters)["nonce"]
    # A second time the code is worth nothing, and takes back what it gave.
    assert proxy.redeem(asked, code, {"client_secret": SECRET} if name == POST else None).status_code == 400
    assert proxy.userinfo(answer["access_token"]).status_code == 401


def test_an_assertion_without_a_name_counts_once(proxy: DvpProxy) -> None:
    """Without `jti` it is known by what was signed: with its signature written in another way it is the same one."""
    assertion = proxy.assertion()
    signed, _, signature = assertion.rpartition(".")
    again = f"{signed}.{_written_otherwise(signature)}"
    assert again != assertion

    def redeemed(client_assertion: str) -> requests.Response:
        proof = {"client_assertion": client_assertion, "client_assertion_type": ASSERTION_TYPE}
        return proxy.redeem(proxy.ask(), "no-such-code", proof)

    assert redeemed(assertion).json()["error"] == "invalid_grant"
    for used in (assertion, again):
        assert redeemed(used).json() == UNPROVED
    # One that has a `jti`, as the Laravel client sends it, is known by that.
    now = int(time.time())
    first, second = (proxy.assertion(jti="the same", iat=now, exp=now + each) for each in (50, 60))
    assert [redeemed(each).json()["error"] for each in (first, second)] == ["invalid_grant", "invalid_client"]


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None},
        {"nbf": None},
        {"nbf": 2_000_000_000},
        {"exp": timedelta(seconds=900)},
        {"exp": timedelta(seconds=-1)},
        {"aud": "https://rp.example/token"},
        {"sub": OPEN},
        {"iss": OPEN},
    ],
)
def test_lenient_is_not_open(proxy: DvpProxy, changes: Mapping[str, object]) -> None:
    """What is left out is `jti` and `iat`; the rest is as strict as for others, and the issuer is no audience."""
    now = int(time.time())
    wrong = {
        name: now + int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in changes.items()
    }
    for claims in (wrong, {"aud": proxy.base}):
        proof = {"client_assertion": proxy.assertion(**claims), "client_assertion_type": ASSERTION_TYPE}
        assert proxy.redeem(proxy.ask(), "no-such-code", proof).json() == UNPROVED


def test_other_algorithms_are_refused(proxy: DvpProxy) -> None:
    """RS256 alone."""
    assert proxy.key is not None
    for algorithm in ("PS256", "RS512"):
        signed = jws.serialize_compact(
            {"alg": algorithm, "kid": proxy.key.thumbprint()},
            base64.urlsafe_b64decode(proxy.assertion().split(".")[1] + "=="),
            proxy.key,
            algorithms=[algorithm],
        )
        proof = {"client_assertion": signed, "client_assertion_type": ASSERTION_TYPE}
        assert proxy.redeem(proxy.ask(), "no-such-code", proof).json() == UNPROVED


@pytest.mark.parametrize(
    ("name", "proof"),
    [
        (PROXY, {}),
        (POST, {}),
        (POST, {"client_secret": "wrong"}),
        ("rp-one", {}),
        ("rp-secret-post", {}),
        ("nobody", {}),
        ("", {}),
        (OPEN, {"client_secret": "x"}),
        (OPEN, {"client_assertion": "x", "client_assertion_type": ASSERTION_TYPE}),
    ],
)
def test_only_who_is_registered_to_prove_nothing_may(vad_town: Town, name: str, proof: dict[str, str]) -> None:
    """Method `none` opens no other client, of this profile or of another."""
    open_client = DvpProxy(vad_town.issuer, name)
    refused = open_client.redeem(open_client.ask(), "no-such-code", proof)
    assert (refused.status_code, refused.json()) == (401, UNPROVED)


def test_who_proves_nothing_has_its_own_code_alone(
    vad_town: Town, person: Person, rp: RelyingParty, backroom: Backroom
) -> None:
    """PKCE is what protects it; a code of another client is nobody's to it, and no other endpoint knows it."""
    open_client = DvpProxy(vad_town.issuer, OPEN)
    asked = open_client.ask()
    code = person.authorize(asked)
    other = open_client.ask()
    assert open_client.redeem(other, code).json()["error"] == "invalid_grant"
    # A code of its own shows that it is more than a name.
    assert backroom.events("token.refused")[-1]["reason"] == "VERIFIER_DIFFERS"
    theirs = rp.ask()
    code = person.authorize(theirs)
    assert open_client.redeem(theirs, code).json()["error"] == "invalid_grant"
    held = rp.redeem(theirs, code).json()["access_token"]
    # Nothing that anybody could do in its name stands in the log, or takes away what another got.
    statement = "SELECT count(*) FROM audit_events WHERE client_id = %s AND type = 'token.refused'"
    before = backroom.ask(statement, OPEN)
    for spent in (code, "no-such-code", ""):
        assert open_client.redeem(theirs, spent).status_code == 400
    assert backroom.ask(statement, OPEN) == before
    assert rp.userinfo(held).status_code == 200
    for endpoint in ("introspect", "revoke", "par"):
        refused = requests.post(f"{vad_town.issuer}/{endpoint}", {"client_id": OPEN, "token": "x"}, timeout=20)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), endpoint
    for grant_type in ("refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"):
        form = {"client_id": OPEN, "grant_type": grant_type}
        refused = requests.post(f"{vad_town.issuer}/token", form, timeout=20)
        assert refused.json()["error"] == "unauthorized_client"


@pytest.mark.parametrize("left_out", ["scope", "state", "nonce", "code_challenge", "code_challenge_method"])
def test_what_it_must_send(proxy: DvpProxy, person: Person, left_out: str) -> None:
    """All of it is required, whatever proof the client has; without a scope it is told so (RFC 6749 section 3.3)."""
    person.open(proxy.ask(**{left_out: None}).url)
    assert person.answer is not None
    assert person.answer["error"] == {"scope": "invalid_scope"}.get(left_out, "invalid_request")


def test_a_scope_that_is_not_known_there(proxy: DvpProxy, person: Person) -> None:
    """Its apps know no claims by scope, and are told that; not that a registration would help."""
    person.open(proxy.ask(scope="openid profile").url)
    assert person.answer is not None
    told = person.answer["error"], person.answer["error_description"]
    assert told == ("invalid_scope", "the scope holds a value that is not known here")


def test_what_it_may_send(proxy: DvpProxy, person: Person) -> None:
    """`login_hint`, the names of login methods there, chooses nothing; with `claims` userinfo is what it was."""
    wanted = json.dumps({"userinfo": {"name": None}, "id_token": {"acr": None}})
    asked = proxy.ask(login_hint="digid,uzi,yivi", claims=wanted)
    tokens = proxy.redeem(asked, person.authorize(asked)).json()
    told = proxy.userinfo(tokens["access_token"]).json()
    assert told.keys() == {"rid", "person", "sub"}
    assert told["person"]["name"]["full_name"] == "Frouke Jansen"


def test_saying_no(proxy: DvpProxy, rp: RelyingParty, person: Person) -> None:
    """Its clients know a login that was broken off as `login_required`; others as `access_denied`."""
    for asked, error in ((proxy.ask(), "login_required"), (rp.ask(), "access_denied")):
        person.open(asked.url)
        person.press("cancel")
        assert person.answer is not None
        assert person.answer["error"] == error


def test_what_it_does_not_do(vad_town: Town, proxy: DvpProxy, person: Person) -> None:
    """It pushes nothing, signs no request, and what it asks of sources no source admits."""
    pushed = requests.post(f"{vad_town.issuer}/par", {**dict(proxy.ask().parameters), **proxy.proof()}, timeout=20)
    assert (pushed.status_code, pushed.json()["error"]) == (400, "unauthorized_client")
    for asked, error in (
        (proxy.ask(request="x"), "request_not_supported"),
        (proxy.ask(scope="openid 48", resource="https://source.example"), "invalid_target"),
    ):
        person.open(asked.url)
        assert person.answer is not None
        assert person.answer["error"] == error


def test_its_tokens_are_bound_to_nothing(proxy: DvpProxy, person: Person) -> None:
    """The profile binds none, so `dpop_jkt` is passed over: no `DPoP` in the answer, no `cnf` in the token."""
    asked = proxy.ask(dpop_jkt="garbage")
    held = proxy.redeem(asked, person.authorize(asked)).json()
    assert held["token_type"] == "Bearer"
    assert "cnf" not in claims_of(held["access_token"])
    assert proxy.userinfo(held["access_token"]).status_code == 200


def test_errors_for_a_program(vad_town: Town, proxy: DvpProxy, rp: RelyingParty) -> None:
    """Where nobody may be sent to, whoever likes JSON gets JSON, and its apps the error that they know.

    An app that nobody knows has no profile, and so hears what those hear who know no other.
    """
    elsewhere = "https://rp.example/oidc/login/fail"
    for asked, error in (
        (DvpProxy(vad_town.issuer, "nobody").ask(), "unauthorized_client"),
        (proxy.ask(redirect_uri=elsewhere), "unauthorized_client"),
        (proxy.ask(redirect_uri=None), "unauthorized_client"),
        (rp.ask(redirect_uri=elsewhere), "invalid_request"),
    ):
        refused = requests.get(asked.url, headers={"Accept": "application/json"}, timeout=20)
        assert (refused.status_code, refused.json()["error"]) == (400, error)
        assert refused.json()["error_description"]


def test_other_clients_are_not_weakened(vad_town: Town, rp: RelyingParty, person: Person) -> None:
    """In the same installation: an assertion without `jti` or `iat`, a long state and the extra scope are refused."""
    for left_out in ("jti", "iat"):
        asked = rp.ask()
        code = person.authorize(asked)
        refused = rp.redeem(asked, code, client_assertion=rp.assertion(**{left_out: None}, nbf=int(time.time()) - 10))
        assert refused.json()["error"] == "invalid_client"
    proxied = rp.ask(scope="openid authorization_by_proxy")
    for asked, error in ((rp.ask(state="s" * 2049), "invalid_request"), (proxied, "invalid_scope")):
        person.open(asked.url)
        assert person.answer is not None
        assert person.answer["error"] == error


def test_whether_it_is_healthy(vad_town: Town) -> None:
    """`/health`: the parts by the names that its monitoring knows."""
    answer = requests.get(f"{vad_town.issuer}/health", timeout=20)
    assert answer.status_code == 200
    assert answer.json()["healthy"] is True
    assert {"healthy": True, "service": "keydb"} in answer.json()["results"]


def _written_otherwise(signature: str) -> str:
    """The same octets, by another last character: base64url leaves bits of it open (RFC 4648 section 3.5)."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert re.fullmatch(r"[A-Za-z0-9_-]{342}", signature)
    return signature[:-1] + alphabet[alphabet.index(signature[-1]) ^ 1]
