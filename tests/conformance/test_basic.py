"""Basic OP and Form Post OP: what no other test shows, as their plans play it. docs/conformance.md has them all."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.conformance.basic_client import BasicClient
from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import claims_of, header_of, s256
from tests.support.town import Town
from tests.support.town_fixtures import SECRETS

SECRET_BASIC, SECRET_POST = SECRETS


@pytest.fixture(params=[None, "form_post"], ids=["basic", "formpost"])
def client(vad_town: Town, request: pytest.FixtureRequest) -> BasicClient:
    """Give the client of one plan and the other."""
    return BasicClient(vad_town.issuer, SECRET_BASIC, request.param)


def checked(client: BasicClient, tokens: dict[str, Any], nonce: str | None) -> dict[str, Any]:
    """The claims of an ID token that holds what OIDC Core section 3.1.3.7 has clients look at."""
    keys = requests.get(f"{client.issuer}/jwks", timeout=20).json()
    assert header_of(tokens["id_token"])["kid"] in {key["kid"] for key in keys["keys"]}
    claims = dict(jwt.decode(tokens["id_token"], KeySet.import_key_set(keys), algorithms=["RS256"]).claims)
    assert (claims["iss"], claims["aud"], claims["azp"]) == (client.issuer, client.name, client.name)
    assert (claims.get("nonce"), len(claims["sub"]) <= 255) == (nonce, True)
    assert time.time() - 60 < claims["iat"] <= time.time() + 1 < claims["exp"]
    return claims


def test_oidcc_server(client: BasicClient, person: Person) -> None:
    """The whole way: answer, ID token by its `kid`, token type and life, and userinfo about the same person."""
    asked = client.ask()
    sent = dict(asked.parameters)
    answer = client.answer(person, asked, log_in=True)
    assert (answer["state"], answer["iss"]) == (sent["state"], client.issuer)
    got = client.redeem(answer["code"])
    tokens = got.json()
    claims = checked(client, tokens, sent["nonce"])
    assert (tokens["token_type"], type(tokens["expires_in"]), tokens["expires_in"] > 0) == ("Bearer", int, True)
    assert (got.headers["Cache-Control"], got.headers["Content-Type"]) == ("no-store", "application/json")
    told = client.userinfo(tokens["access_token"])
    assert (told.status_code, told.headers["Content-Type"]) == (200, "application/json")
    assert told.json()["sub"] == claims["sub"]


REQUESTS = {
    "oidcc-display-page": {"display": "page"},
    "oidcc-display-popup": {"display": "popup"},
    "oidcc-ui-locales": {"ui_locales": "se"},
    "oidcc-claims-locales": {"claims_locales": "se"},
    "oidcc-login-hint": {"login_hint": "buffy@vad.example"},
    "oidcc-ensure-request-with-unknown-parameter-succeeds": {"extra": "foobar"},
    "oidcc-prompt-none-logged-in": {"prompt": "none"},
    "oidcc-max-age-10000": {"max_age": "10000"},
}


def test_requests_that_succeed(client: BasicClient, person: Person) -> None:
    """Each of these, of somebody who logged in before: no page comes between, and the login's time stands still."""
    first = checked(client, *_asked(client, person, {}, log_in=True))
    for module, changes in REQUESTS.items():
        claims = checked(client, *_asked(client, person, changes))
        assert (claims["sub"], claims["auth_time"]) == (first["sub"], first["auth_time"]), module


def _asked(
    client: BasicClient, person: Person, changes: dict[str, str], *, log_in: bool = False
) -> tuple[dict[str, Any], str | None]:
    asked = client.ask(**changes)
    return client.tokens(person, asked, log_in=log_in), dict(asked.parameters).get("nonce")


def test_oidcc_id_token_hint(client: BasicClient, person: Person) -> None:
    """With `prompt=none`: who is logged in is the one of the hint."""
    held = client.tokens(person, client.ask(), log_in=True)
    again = client.tokens(person, client.ask(prompt="none", id_token_hint=held["id_token"]))
    assert claims_of(again["id_token"])["sub"] == claims_of(held["id_token"])["sub"]


def test_oidcc_prompt_none_not_logged_in(client: BasicClient, person: Person) -> None:
    """`login_required`, with the state and no code."""
    asked = client.ask(prompt="none")
    answer = client.answer(person, asked)
    assert answer.keys() == {"error", "error_description", "state", "iss"}
    assert (answer["error"], answer["state"]) == ("login_required", dict(asked.parameters)["state"])


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "1"}], ids=["prompt-login", "max-age-1"])
def test_logging_in_a_second_time(
    client: BasicClient, person: Person, backroom: Backroom, changes: dict[str, str]
) -> None:
    """`oidcc-prompt-login`, `oidcc-max-age-1`: a login page in between, and a later `auth_time` of the same person."""
    first = claims_of(client.tokens(person, client.ask(), log_in=True)["id_token"])
    earlier = datetime.fromtimestamp(first["auth_time"] - 5, UTC)
    backroom.change_session(person.cookies["vad_session"], auth_time=earlier)
    second = claims_of(client.tokens(person, client.ask(**changes), log_in=True)["id_token"])
    assert (second["sub"], second["auth_time"] > earlier.timestamp()) == (first["sub"], True)


def test_oidcc_ensure_request_with_acr_values_succeeds(client: BasicClient, person: Person) -> None:
    """All that discovery names; the ID token has one of them."""
    known = requests.get(f"{client.issuer}/.well-known/openid-configuration", timeout=20).json()
    held = client.tokens(person, client.ask(acr_values=" ".join(known["acr_values_supported"])), log_in=True)
    assert claims_of(held["id_token"])["acr"] in known["acr_values_supported"]


def test_oidcc_codereuse(client: BasicClient, person: Person) -> None:
    """`invalid_grant`, at once and half a minute later; and what the first use gave is worth nothing any more."""
    code = client.answer(person, client.ask(), log_in=True)["code"]
    token = client.redeem(code).json()["access_token"]
    assert client.userinfo(token).status_code == 200
    refused = client.redeem(code)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert client.userinfo(token).status_code == 401


def test_oidcc_ensure_request_with_valid_pkce_succeeds(client: BasicClient, person: Person) -> None:
    """S256, where neither the profile nor the registration demands it."""
    asked = client.ask(code_challenge=s256("v" * 64), code_challenge_method="S256")
    code = client.answer(person, asked, log_in=True)["code"]
    assert client.redeem(code, code_verifier="v" * 64).status_code == 200


def test_oidcc_refresh_token(vad_town: Town, new_person: Callable[[], Person]) -> None:
    """A new access token of the same login, without an ID token; another client gets nothing for it."""
    client, other = (BasicClient(vad_town.issuer, name) for name in SECRETS)
    held = client.tokens(new_person(), client.ask(), log_in=True)
    again = client.token(grant_type="refresh_token", refresh_token=held["refresh_token"]).json()
    assert again["access_token"] != held["access_token"]
    assert "id_token" not in again
    assert client.userinfo(again["access_token"]).json()["sub"] == claims_of(held["id_token"])["sub"]
    stolen = other.token(grant_type="refresh_token", refresh_token=again["refresh_token"])
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
