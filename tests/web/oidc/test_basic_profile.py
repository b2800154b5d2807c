"""Profile `basic`: what any certified library of OpenID Connect does, and nothing that weakens another client."""

from base64 import b64encode
from typing import Any
from urllib.parse import quote_plus

import pytest
import requests

from tests.support.person import Person
from tests.support.relying_party_client import Asked, RelyingParty, claims_of, header_of
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT, SECRETS

BASIC, POST = SECRETS
UNPROVED = {"error": "invalid_client", "error_description": "the client is not proved"}


def client(town: Town, name: str = BASIC) -> RelyingParty:
    """One of the clients that have a secret."""
    return RelyingParty(town.issuer, name, REDIRECT, {})


def ask(town: Town, name: str = BASIC, **changes: str | None) -> Asked:
    """The least that OpenID Connect Core wants: no state, no nonce, no challenge."""
    least: dict[str, Any] = dict.fromkeys(("state", "nonce", "code_challenge", "code_challenge_method"))
    return client(town, name).ask(**{**least, **changes})


def header(name: str, secret: str) -> dict[str, str]:
    """RFC 6749 section 2.3.1: each as in a form, then in base64."""
    text = f"{quote_plus(name)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + b64encode(text.encode()).decode()}


def redeem(town: Town, code: str, headers: dict[str, str] | None = None, **more: str) -> requests.Response:
    """Redeem a code, by this header or these further fields."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **more}
    return requests.post(f"{town.issuer}/token", form, headers=headers, timeout=20)


def test_the_least_that_openid_connect_wants_is_enough(vad_town: Town, person: Person) -> None:
    """OIDC Core 3.1.2.1: the ID token has no nonce that nobody asked for, and is signed with RS256."""
    code = person.authorize(ask(vad_town))
    assert person.answer is not None
    assert "state" not in person.answer
    answer = redeem(vad_town, code, header(BASIC, SECRETS[BASIC])).json()
    assert "nonce" not in claims_of(answer["id_token"])
    assert answer["token_type"] == "Bearer"
    key = requests.get(f"{vad_town.issuer}/jwks", timeout=20).json()["keys"]
    (signed,) = (each for each in key if each["kid"] == header_of(answer["id_token"])["kid"])
    assert signed["alg"] == "RS256"


def test_a_secret_in_the_form(vad_town: Town, person: Person) -> None:
    """`client_secret_post`; state and nonce come back when they were sent."""
    asked = client(vad_town, POST).ask()
    code = person.authorize(asked)
    verifier = asked.code_verifier
    answer = redeem(vad_town, code, client_id=POST, client_secret=SECRETS[POST], code_verifier=verifier).json()
    assert claims_of(answer["id_token"])["nonce"] == dict(asked.parameters)["nonce"]
    assert person.answer is not None
    assert person.answer["state"] == dict(asked.parameters)["state"]


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        (header(BASIC, "wrong"), {}),
        (header(POST, SECRETS[POST]), {}),
        (header(BASIC, SECRETS[POST]), {}),
        (header("nobody", SECRETS[BASIC]), {}),
        (header(BASIC, SECRETS[BASIC]), {"client_id": POST}),
        (header(BASIC, SECRETS[BASIC]), {"client_secret": SECRETS[BASIC]}),
        (header(BASIC, SECRETS[BASIC]), {"client_assertion": "x"}),
        ({"Authorization": "Basic !!"}, {}),
        ({"Authorization": "Basic " + b64encode(b"no-colon").decode()}, {}),
        ({"Authorization": "Basic " + b64encode(b"\xff:\xff").decode()}, {}),
        ({"Authorization": "Bearer " + SECRETS[BASIC]}, {}),
        ({}, {"client_id": BASIC, "client_secret": SECRETS[BASIC]}),
        ({}, {"client_id": POST, "client_secret": SECRETS[POST] + "x"}),
        ({}, {"client_id": POST, "client_secret": ""}),
        ({}, {"client_id": POST}),
        ({}, {"client_id": "rp-one", "client_secret": ""}),
        ({}, {"client_id": "rp-one", "client_secret": "x"}),
    ],
)
def test_a_client_proves_itself_by_its_own_method_alone(
    vad_town: Town, headers: dict[str, str], form: dict[str, str]
) -> None:
    """RFC 6749 section 2.3: one method, the registered one, and it must be right. The code is not even looked at."""
    refused = redeem(vad_town, "no-such-code", headers, **form)
    assert refused.json() == UNPROVED
    assert refused.status_code == 401
    tried = headers.get("Authorization", "").startswith("Basic")
    assert refused.headers["WWW-Authenticate"].startswith("Basic" if tried else "Bearer")


def test_a_challenge_that_came_is_looked_at(vad_town: Town, person: Person) -> None:
    """RFC 7636: with a challenge the verifier is demanded, however optional both are."""
    asked = client(vad_town).ask()
    refused = redeem(vad_town, person.authorize(asked), header(BASIC, SECRETS[BASIC]))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_a_challenge_that_was_taken_out_is_noticed(vad_town: Town, person: Person) -> None:
    """RFC 9700 section 4.8.2, PKCE downgrade: a verifier for a request without a challenge."""
    code = person.authorize(ask(vad_town))
    refused = redeem(vad_town, code, header(BASIC, SECRETS[BASIC]), code_verifier="v" * 43)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize("method", [None, "plain"])
def test_a_challenge_by_another_method_is_refused(vad_town: Town, person: Person, method: str | None) -> None:
    """S256 alone; left out, the method would be `plain` (RFC 7636 section 4.3)."""
    person.open(ask(vad_town, code_challenge="c" * 43, code_challenge_method=method).url)
    assert person.answer is not None
    assert person.answer["error"] == "invalid_request"


@pytest.mark.parametrize("left_out", ["state", "nonce", "code_challenge"])
def test_other_clients_are_not_weakened(vad_town: Town, rp: RelyingParty, person: Person, left_out: str) -> None:
    """What `basic` may leave out, `nlgov` may not, in the same installation."""
    changes: dict[str, Any] = {left_out: None}
    person.open(rp.ask(**changes).url)
    assert person.answer is not None
    assert person.answer["error"] == "invalid_request"


def test_tokens_are_asked_about_and_given_back_by_a_secret(vad_town: Town, person: Person) -> None:
    """RFC 7662 and RFC 7009: the same method at every endpoint."""
    proof = header(BASIC, SECRETS[BASIC])
    token = redeem(vad_town, person.authorize(ask(vad_town)), proof).json()["access_token"]
    post = {name: f"{vad_town.issuer}/{name}" for name in ("introspect", "revoke")}
    assert requests.post(post["introspect"], {"token": token}, headers=proof, timeout=20).json()["active"] is True
    assert requests.post(post["introspect"], {"token": token}, timeout=20).status_code == 401
    assert requests.post(post["revoke"], {"token": token}, headers=proof, timeout=20).status_code == 200
    assert requests.post(post["introspect"], {"token": token}, headers=proof, timeout=20).json() == {"active": False}
