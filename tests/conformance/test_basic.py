"""Basic OP and Form Post OP: the modules that end well. What their plans play besides: refusals, and claims of scopes.

Form Post OP plays all of them again with `response_mode=form_post`.
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import requests

from tests.conformance.answers import refreshed, refusal
from tests.conformance.basic_client import BasicClient, checked
from tests.conformance.playing import FORM_POST, plays
from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import Asked, claims_of, header_of, s256
from tests.support.town import Town
from tests.support.town_fixtures import SECRETS

SECRET_BASIC, SECRET_POST = SECRETS


def went(client: BasicClient, person: Person, *, log_in: bool = False, **changes: Any) -> dict[str, Any]:
    """The claims of the ID token that a whole way leads to."""
    asked = client.ask(**changes)
    return checked(client, client.tokens(person, asked, log_in=log_in), dict(asked.parameters).get("nonce"))


@plays("oidcc-server", also=FORM_POST)
def test_oidcc_server(basic: BasicClient, person: Person) -> None:
    """The whole way: answer, ID token by its `kid`, token type and life, and userinfo about the same person."""
    asked = basic.ask()
    sent = dict(asked.parameters)
    answer = basic.answer(person, asked, log_in=True)
    assert (set(answer), len(answer["code"]) >= 43) == ({"code", "state", "iss"}, True)
    assert (answer["state"], answer["iss"]) == (sent["state"], basic.issuer)
    got = basic.redeem(answer["code"])
    tokens = got.json()
    claims = checked(basic, tokens, sent["nonce"])
    assert (tokens["token_type"], type(tokens["expires_in"]), tokens["expires_in"] > 0) == ("Bearer", int, True)
    assert (got.headers["Cache-Control"], got.headers["Content-Type"]) == ("no-store", "application/json")
    told = basic.userinfo(tokens["access_token"])
    assert (told.status_code, told.headers["Content-Type"]) == (200, "application/json")
    assert told.json()["sub"] == claims["sub"]


@plays("oidcc-server-client-secret-post", also=FORM_POST)
def test_oidcc_server_client_secret_post(vad_town: Town, visitor: Person, way: str) -> None:
    """The same of a client that brings its secret in the form, and gets nothing with another."""
    client = BasicClient(vad_town.issuer, SECRET_POST, way or None)
    asked = client.ask()
    held = client.tokens(visitor, asked, agree=True)
    assert client.userinfo(held["access_token"]).json()["sub"] == checked(client, held, _nonce(asked))["sub"]
    code = client.answer(visitor, client.ask())["code"]
    form = {"grant_type": "authorization_code", "code": code, "client_id": client.name, "client_secret": "another"}
    refused = requests.post(f"{client.issuer}/token", form, timeout=20)
    assert refusal(refused) == (401, "invalid_client")


@plays("oidcc-idtoken-signature", also=FORM_POST)
def test_oidcc_idtoken_signature(basic: BasicClient, visitor: Person) -> None:
    """Of a client that chose no algorithm: RS256, by a key that its `kid` names."""
    asked = basic.ask()
    held = basic.tokens(visitor, asked)
    header = header_of(held["id_token"])
    (key,) = (key for key in _keys(basic) if key["kid"] == header["kid"])
    assert (header["alg"], key["kty"], key["alg"], key["use"]) == ("RS256", "RSA", "RS256", "sig")
    checked(basic, held, _nonce(asked))


@plays("oidcc-userinfo-get", "oidcc-userinfo-post-header", "oidcc-userinfo-post-body", also=FORM_POST)
def test_ways_to_userinfo(basic: BasicClient, visitor: Person, module: str) -> None:
    """OIDC Core section 5.3.1: as JSON and kept by nobody, about the person of the ID token; without a token, 401."""
    held = basic.tokens(visitor, basic.ask())
    address, token = f"{basic.issuer}/userinfo", held["access_token"]
    header = {"Authorization": f"Bearer {token}"}
    method, more = {
        "oidcc-userinfo-get": ("GET", {"headers": header}),
        "oidcc-userinfo-post-header": ("POST", {"headers": header}),
        "oidcc-userinfo-post-body": ("POST", {"data": {"access_token": token}}),
    }[module]
    told = requests.request(method, address, timeout=20, **more)  # type: ignore[arg-type]
    assert (told.status_code, told.headers["Content-Type"]) == (200, "application/json")
    assert told.headers["Cache-Control"] == "no-store"
    assert told.json()["sub"] == claims_of(held["id_token"])["sub"]
    assert requests.request(method, address, timeout=20).status_code == 401


@plays("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", also=FORM_POST)
def test_without_nonce(basic: BasicClient, visitor: Person) -> None:
    """OIDC Core section 3.1.2.1: optional where the code is redeemed by the client; the ID token has none either."""
    assert "nonce" not in went(basic, visitor, nonce=None)


REQUESTS: dict[str, dict[str, Any]] = {
    "oidcc-display-page": {"display": "page"},
    "oidcc-display-popup": {"display": "popup"},
    "oidcc-ui-locales": {"ui_locales": "se"},
    "oidcc-claims-locales": {"claims_locales": "se"},
    "oidcc-login-hint": {"login_hint": "buffy@vad.example"},
    "oidcc-ensure-request-with-unknown-parameter-succeeds": {"extra": "foobar"},
    "oidcc-max-age-10000": {"max_age": "10000"},
}
ABOUT_PAGES = {"oidcc-display-page", "oidcc-display-popup", "oidcc-ui-locales", "oidcc-login-hint"}


@plays(*REQUESTS, also=FORM_POST)
def test_requests_that_succeed(
    basic: BasicClient, first_login: tuple[Person, dict[str, Any]], person: Person, module: str
) -> None:
    """Who logged in before goes on at once, and that login's time stands still.

    Who did not sees the login page, where the request says something about pages.
    """
    visitor, first = first_login
    claims = went(basic, visitor, **REQUESTS[module])
    assert (claims["sub"], claims["auth_time"]) == (first["sub"], first["auth_time"])
    if module in ABOUT_PAGES:
        page = person.open(basic.ask(**REQUESTS[module]).url)
        assert (page.status, "login-submit" in page.elements) == (200, True)


@plays("oidcc-prompt-none-logged-in", also=FORM_POST)
def test_oidcc_prompt_none_logged_in(basic: BasicClient, first_login: tuple[Person, dict[str, Any]]) -> None:
    """The same person by the same login, and no page on the way."""
    visitor, first = first_login
    claims = went(basic, visitor, prompt="none")
    assert (claims["sub"], claims["auth_time"]) == (first["sub"], first["auth_time"])


@plays("oidcc-id-token-hint", also=FORM_POST)
def test_oidcc_id_token_hint(basic: BasicClient, visitor: Person) -> None:
    """With `prompt=none`: who is logged in is the one of the hint."""
    held = basic.tokens(visitor, basic.ask())
    again = went(basic, visitor, prompt="none", id_token_hint=held["id_token"])
    assert again["sub"] == claims_of(held["id_token"])["sub"]


SECOND_LOGIN: dict[str, dict[str, Any]] = {
    "oidcc-prompt-login": {"prompt": "login"},
    "oidcc-max-age-1": {"max_age": "1"},
}


@plays(*SECOND_LOGIN, also=FORM_POST)
def test_logging_in_a_second_time(basic: BasicClient, person: Person, backroom: Backroom, module: str) -> None:
    """A login page in between, and an `auth_time` of now; the first login was a few seconds ago."""
    first = went(basic, person, log_in=True)
    earlier = datetime.fromtimestamp(first["auth_time"] - 5, UTC)
    backroom.change_session(person.cookies["vad_session"], auth_time=earlier)
    second = went(basic, person, log_in=True, **SECOND_LOGIN[module])
    assert second["sub"] == first["sub"]
    assert earlier.timestamp() < first["auth_time"] <= second["auth_time"] <= second["iat"]


@plays("oidcc-ensure-request-with-acr-values-succeeds", also=FORM_POST)
def test_oidcc_ensure_request_with_acr_values_succeeds(
    basic: BasicClient, visitor: Person, known: dict[str, Any]
) -> None:
    """All that discovery names; the ID token has one of them."""
    claims = went(basic, visitor, acr_values=" ".join(known["acr_values_supported"]))
    assert claims["acr"] in known["acr_values_supported"]


@plays("oidcc-ensure-post-request-succeeds", also=FORM_POST)
def test_oidcc_ensure_post_request_succeeds(basic: BasicClient, visitor: Person) -> None:
    """The request in the form of a POST, which brings no cookies from another site; and from there the whole way."""
    asked = basic.ask()
    taken = requests.post(f"{basic.issuer}/authorize", asked.parameters, allow_redirects=False, timeout=20)
    visitor.open(urljoin(basic.issuer, taken.headers["Location"]))
    answer = basic.answered(visitor)
    assert answer["state"] == dict(asked.parameters)["state"]
    checked(basic, basic.redeem(answer["code"]).json(), _nonce(asked))


@plays("oidcc-ensure-request-with-valid-pkce-succeeds", also=FORM_POST)
def test_oidcc_ensure_request_with_valid_pkce_succeeds(basic: BasicClient, visitor: Person) -> None:
    """S256, where neither the profile nor the registration demands it; and then the verifier counts."""
    changes = {"code_challenge": s256("v" * 64), "code_challenge_method": "S256"}
    code = basic.answer(visitor, basic.ask(**changes))["code"]
    assert basic.redeem(code, code_verifier="v" * 64).status_code == 200
    refused = basic.redeem(basic.answer(visitor, basic.ask(**changes))["code"], code_verifier="w" * 64)
    assert refusal(refused) == (400, "invalid_grant")


@plays("oidcc-refresh-token", also=FORM_POST)
def test_oidcc_refresh_token(vad_town: Town, visitor: Person, way: str, known: dict[str, Any]) -> None:
    """New tokens of the same login for each of two clients, without an ID token; neither gets any by the other's.

    As discovery has no `offline_access`, the suite does not ask for it. The first says its scope again; the second's
    `nonce` is longer.
    """
    assert "refresh_token" in known["grant_types_supported"]
    assert "offline_access" not in known["scopes_supported"]
    clients = [BasicClient(vad_town.issuer, name, way or None) for name in SECRETS]
    for client, other in (clients, clients[::-1]):
        asked = client.ask(nonce="n" * (43 if client is clients[1] else 10))
        held = client.tokens(visitor, asked, agree=True)
        checked(client, held, _nonce(asked))
        assert re.fullmatch(r"[\x21-\x7e]+", held["refresh_token"])
        form = {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}
        again = refreshed(client.token(**form, **({"scope": "openid"} if client is clients[0] else {})), held)
        assert client.userinfo(again["access_token"]).json()["sub"] == claims_of(held["id_token"])["sub"]
        stolen = other.token(**form | {"refresh_token": again["refresh_token"]})
        assert refusal(stolen) == (400, "invalid_grant")


def _nonce(asked: Asked) -> str:
    return dict(asked.parameters)["nonce"]


def _keys(client: BasicClient) -> list[dict[str, Any]]:
    return list(requests.get(f"{client.issuer}/jwks", timeout=20).json()["keys"])
