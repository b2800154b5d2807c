"""Dynamic OP: the modules that register a client, as their plan plays them, with keys and documents at its own address.

The suite's clients have RSA keys and `private_key_jwt`; where it does not say otherwise, a key without a `kid`.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.support.listener import Listener
from tests.support.person import Person
from tests.support.relying_party_client import Asked, RelyingParty, claims_of, header_of, sign
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.registering import Issue, call, error_of, issued

__all__ = ["issued"]

Published = dict[str, tuple[str, str]]
"""By path: content type, and what is there."""
LEAST: dict[str, Any] = {"code_challenge": None, "code_challenge_method": None}


@pytest.fixture
def published() -> Iterator[tuple[str, Published]]:
    """Give the suite's address, and what it publishes there."""
    there: Published = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content_type, text = there.get(self.path, ("", ""))
            self.send_response(200 if content_type else 404)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with Listener(Handler) as listener:
        yield listener.address, there


def rsa(kid: str = "") -> dict[str, Any]:
    """A private key of a client, with a name or without."""
    key = RSAKey.generate_key(2048).as_dict(private=True)
    return {**key, "use": "sig", "alg": "RS256", **({"kid": kid} if kid else {})}


def keys(*private: dict[str, Any]) -> dict[str, Any]:
    """The public halves, as a JWK Set."""
    return {"keys": [{n: v for n, v in key.items() if n not in {"d", "p", "q", "dp", "dq", "qi"}} for key in private]}


def registered(town: Town, issued: Issue, key: dict[str, Any], **changes: Any) -> tuple[RelyingParty, dict[str, Any]]:
    """A client, with what the suite always says of one; `changes` replace members, None leaves one out."""
    said = {
        "client_name": "suite",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "jwks": keys(key),
        "token_endpoint_auth_method": "private_key_jwt",
        "redirect_uris": [REDIRECT],
        "contacts": ["certification@oidf.org"],
        **changes,
    }
    answer = call(town, "POST", issued(profile="basic"), {n: v for n, v in said.items() if v is not None})
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json"), answer.text
    made = dict(answer.json())
    return RelyingParty(town.issuer, made["client_id"], REDIRECT, key), made


def tokens(rp: RelyingParty, person: Person, asked: Asked | None = None) -> dict[str, Any]:
    """The whole way."""
    asked = asked or rp.ask(**LEAST)
    got = rp.redeem(asked, person.authorize(asked), code_verifier=None)
    assert got.status_code == 200, got.text
    return dict(got.json())


def test_oidcc_userinfo_rs256(vad_town: Town, issued: Issue, person: Person) -> None:
    """The answer is a JWT that a key of `jwks_uri` signed with RS256, for this client, about the same person."""
    rp, made = registered(vad_town, issued, rsa(), userinfo_signed_response_alg="RS256")
    assert made["userinfo_signed_response_alg"] == "RS256"
    held = tokens(rp, person)
    answer = rp.userinfo(held["access_token"])
    assert (answer.headers["Content-Type"], header_of(answer.text)["alg"]) == ("application/jwt", "RS256")
    known = requests.get(f"{vad_town.issuer}/jwks", timeout=20).json()
    told = jwt.decode(answer.text, KeySet.import_key_set(known), algorithms=["RS256"]).claims
    assert (told["iss"], told["aud"]) == (vad_town.issuer, rp.client_id)
    assert (told["sub"], "nonce" in told) == (claims_of(held["id_token"])["sub"], False)


def test_oidcc_registration_policy_uri_and_tos_uri(vad_town: Town, issued: Issue, person: Person) -> None:
    """Links on the login page and the consent page; only to the client's own hosts, and to nothing but pages."""
    links = {"policy_uri": "https://rp.example/policy", "tos_uri": "https://rp.example/terms?a=1"}
    rp, made = registered(vad_town, issued, rsa(), **links)
    assert {name: made[name] for name in links} == links
    person.open(rp.ask(**LEAST).url)
    _shows(person, links)
    person.log_in()
    assert "consent-give" in person.page.elements
    _shows(person, links)
    token = issued(profile="basic")
    for wrong in (
        "https://digid.example/",
        "javascript:alert(1)",
        "https://rp.example@digid.example/",
        "http://rp.example/",
    ):
        body = {"client_name": "suite", "redirect_uris": [REDIRECT], "jwks": keys(rsa()), "policy_uri": wrong}
        body |= {"token_endpoint_auth_method": "private_key_jwt"}
        assert error_of(call(vad_town, "POST", token, body)) == "invalid_client_metadata", wrong


def _shows(person: Person, links: dict[str, str]) -> None:
    shown = dict(
        re.findall(r'<a class="govuk-link" href="([^"]+)" rel="noopener noreferrer" id="(app-\w+)">', person.page.text)
    )
    assert shown == {links["policy_uri"]: "app-policy", links["tos_uri"]: "app-terms"}


def test_oidcc_registration_logo_uri(vad_town: Town, issued: Issue, person: Person) -> None:
    """ADR 0038: taken note of by nobody. No page has a picture from elsewhere, and none of a browser could load one."""
    rp, made = registered(vad_town, issued, rsa(), logo_uri="https://rp.example/logo.png")
    assert "logo_uri" not in made
    person.open(rp.ask(**LEAST).url)
    assert "login-submit" in person.page.elements
    assert "logo.png" not in person.page.text
    assert "img-src 'self'" in person.seen[-1].headers["Content-Security-Policy"]


def test_oidcc_registration_jwks_uri(
    vad_town: Town, issued: Issue, person: Person, published: tuple[str, Published]
) -> None:
    """The client proves itself by a key that it publishes."""
    address, there = published
    key = rsa("first")
    there["/jwks"] = ("application/json", json.dumps(keys(key)))
    rp, made = registered(vad_town, issued, key, jwks=None, jwks_uri=f"{address}/jwks")
    assert (made["jwks_uri"], "jwks" in made) == (f"{address}/jwks", False)
    assert rp.userinfo(tokens(rp, person)["access_token"]).status_code == 200


def test_oidcc_registration_sector(vad_town: Town, issued: Issue, published: tuple[str, Published]) -> None:
    """`-sector-uri`, `-sector-bad`: with a list of its redirect URIs, and with one of somebody else's."""
    address, there = published
    there["/redirect_uris.json"] = ("application/json", json.dumps([REDIRECT]))
    _, made = registered(
        vad_town, issued, rsa(), subject_type="pairwise", sector_identifier_uri=f"{address}/redirect_uris.json"
    )
    assert made["sector_identifier_uri"] == f"{address}/redirect_uris.json"
    there["/redirect_uris.json"] = ("application/json", json.dumps(["https://other.example/callback"]))
    body = {name: made[name] for name in ("client_name", "redirect_uris", "jwks", "sector_identifier_uri")}
    body |= {"token_endpoint_auth_method": "private_key_jwt"}
    assert error_of(call(vad_town, "POST", issued(profile="basic"), body)) == "invalid_client_metadata"


def test_oidcc_refresh_token_rp_key_rotation(
    vad_town: Town, issued: Issue, person: Person, published: tuple[str, Published]
) -> None:
    """A key that was published since the code was redeemed proves the client when it refreshes."""
    address, there = published
    old, new = rsa("first"), rsa("second")
    there["/jwks"] = ("application/json", json.dumps(keys(old)))
    grants = ["authorization_code", "refresh_token"]
    rp, _ = registered(vad_town, issued, old, jwks=None, jwks_uri=f"{address}/jwks", grant_types=grants)
    held = tokens(rp, person, rp.ask(scope="openid offline_access", prompt="consent", **LEAST))
    there["/jwks"] = ("application/json", json.dumps(keys(new)))
    again = replace(rp, key=new).refresh(held["refresh_token"])
    assert again.status_code == 200, again.text
    assert rp.userinfo(again.json()["access_token"]).json()["sub"] == claims_of(held["id_token"])["sub"]


def test_oidcc_request_uri_signed_rs256(
    vad_town: Town, issued: Issue, person: Person, published: tuple[str, Published]
) -> None:
    """The request lies at the client's address, as `application/jose`, without times and with `iss` and `aud`."""
    address, there = published
    known = requests.get(f"{vad_town.issuer}/.well-known/openid-configuration", timeout=20).json()
    assert known["request_uri_parameter_supported"] is True
    assert "RS256" in known["request_object_signing_alg_values_supported"]
    key, place = rsa(), f"{address}/requests/1"
    rp, _ = registered(vad_town, issued, key, request_uris=[place], request_object_signing_alg="RS256")
    asked = rp.ask(**LEAST)
    request = sign({**dict(asked.parameters), "iss": rp.client_id, "aud": rp.issuer}, key)
    there["/requests/1"] = ("application/jose", request)
    pairs = [
        *((n, v) for n, v in asked.parameters if n in {"client_id", "scope", "response_type"}),
        ("request_uri", place),
    ]
    brought = Asked(pairs, asked.code_verifier, f"{rp.issuer}/authorize?{urlencode(pairs)}")
    claims = claims_of(tokens(rp, person, brought)["id_token"])
    assert claims["nonce"] == dict(asked.parameters)["nonce"]
    assert time.time() - 60 < claims["iat"]
