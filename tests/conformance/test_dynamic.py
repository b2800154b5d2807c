"""Dynamic OP: the modules that register a client, as their plan plays them, with what it publishes at its address.

The suite's clients have RSA keys and `private_key_jwt`; where it does not say otherwise, a key without a `kid`.
"""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.conformance.answers import identified, refreshed, refusal
from tests.conformance.dynamic_client import LEAST, Suite, keys, published, tokens
from tests.conformance.playing import plays
from tests.support.person import Person
from tests.support.relying_party_client import Asked, claims_of, header_of, sign
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.inside import unsigned
from tests.web.oidc.registering import error_of, issuing

OFFLINE: dict[str, Any] = {"scope": "openid offline_access", "prompt": "consent", **LEAST}
REFRESHES = ["authorization_code", "refresh_token"]


@pytest.fixture(scope="module")
def suite(the_town: Town) -> Iterator[Suite]:
    """Give the suite; its clients go with the tests of this file."""
    with published() as (address, there), issuing(the_town) as issued:
        yield Suite(the_town, issued, address, there)


def published_keys(town: Town) -> KeySet:
    """The keys of VAD."""
    return KeySet.import_key_set(requests.get(f"{town.issuer}/jwks", timeout=20).json())


@plays("oidcc-server")
def test_from_registration_to_userinfo(suite: Suite, visitor: Person) -> None:
    """What is registered stands in the answer; from there the whole way, and back: each module ends its client."""
    rp, made = suite.client()
    assert (made["redirect_uris"], made["token_endpoint_auth_method"]) == ([REDIRECT], "private_key_jwt")
    assert made["client_id_issued_at"] <= time.time() + 1
    asked = rp.ask(**LEAST)
    held = tokens(rp, visitor, asked)
    sent = dict(asked.parameters)
    claims = identified(rp.issuer, rp.client_id, held, sent["nonce"], "RS256")
    assert visitor.answer is not None
    assert visitor.answer["state"] == sent["state"]
    assert rp.userinfo(held["access_token"]).json()["sub"] == claims["sub"]
    assert made["registration_client_uri"] == f"{suite.town.issuer}/register/{rp.client_id}"
    header = {"Authorization": f"Bearer {made['registration_access_token']}", "Accept": "application/json"}
    assert requests.delete(made["registration_client_uri"], headers=header, timeout=20).status_code == 204
    assert rp.userinfo(held["access_token"]).status_code == 401


@plays("oidcc-idtoken-rs256")
def test_oidcc_idtoken_rs256(suite: Suite, visitor: Person) -> None:
    """The algorithm that was asked for at the registration, by a key that `kid` names."""
    rp, made = suite.client(id_token_signed_response_alg="RS256")
    assert made["id_token_signed_response_alg"] == "RS256"
    token = tokens(rp, visitor)["id_token"]
    assert (header_of(token)["alg"], bool(header_of(token)["kid"])) == ("RS256", True)
    assert jwt.decode(token, published_keys(suite.town), algorithms=["RS256"]).claims["aud"] == rp.client_id


@plays("oidcc-idtoken-unsigned")
def test_oidcc_idtoken_unsigned(suite: Suite, known: dict[str, Any]) -> None:
    """Skipped: discovery has no `none`; nor is a client registered for it."""
    assert "none" not in known["id_token_signing_alg_values_supported"]
    assert error_of(suite.registers(id_token_signed_response_alg="none")) == "invalid_client_metadata"


@plays("oidcc-userinfo-rs256")
def test_oidcc_userinfo_rs256(suite: Suite, visitor: Person) -> None:
    """The answer is a JWT that a key of `jwks_uri` signed with RS256, for this client, about the same person."""
    rp, made = suite.client(userinfo_signed_response_alg="RS256")
    assert made["userinfo_signed_response_alg"] == "RS256"
    held = tokens(rp, visitor)
    answer = rp.userinfo(held["access_token"])
    assert (answer.headers["Content-Type"], header_of(answer.text)["alg"]) == ("application/jwt", "RS256")
    told = jwt.decode(answer.text, published_keys(suite.town), algorithms=["RS256"]).claims
    assert (told["iss"], told["aud"]) == (suite.town.issuer, rp.client_id)
    assert (told["sub"], "nonce" in told) == (claims_of(held["id_token"])["sub"], False)


WITH_QUERY = f"{REDIRECT}?foo=bar"
REDIRECTS = {
    "oidcc-ensure-redirect-uri-in-authorization-request": ([REDIRECT, WITH_QUERY], None),
    "oidcc-redirect-uri-query-mismatch": ([WITH_QUERY], f"{REDIRECT}?foo=other"),
    "oidcc-redirect-uri-query-added": ([REDIRECT], WITH_QUERY),
}


@plays(*REDIRECTS)
def test_a_redirect_uri_that_is_not_the_registered_one(suite: Suite, visitor: Person, module: str) -> None:
    """Left out, or with another query: a page, and nobody is sent anywhere."""
    registered, asked_for = REDIRECTS[module]
    rp, _ = suite.client(redirect_uris=registered)
    answer = visitor.send("GET", rp.ask(redirect_uri=asked_for, **LEAST).url)
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)
    assert answer.headers["Content-Type"].startswith("text/html")


@plays("oidcc-redirect-uri-query-OK")
def test_a_redirect_uri_with_a_query(suite: Suite, visitor: Person) -> None:
    """It is kept, beside what the app is told."""
    rp, made = suite.client(redirect_uris=[WITH_QUERY])
    assert made["redirect_uris"] == [WITH_QUERY]
    tokens(rp, visitor)
    assert visitor.answer is not None
    assert (visitor.answer["foo"], set(visitor.answer)) == ("bar", {"foo", "code", "state", "iss"})


@plays("oidcc-redirect-uri-regfrag")
def test_a_redirect_uri_with_a_fragment(suite: Suite) -> None:
    """RFC 6749 section 3.1.2: not to be registered."""
    assert error_of(suite.registers(redirect_uris=[f"{REDIRECT}#foobar"])) == "invalid_redirect_uri"


@plays("oidcc-discovery-endpoint-verification")
def test_discovery_of_the_dynamic_plan(vad_town: Town, known: dict[str, Any]) -> None:
    """It wants what OIDC Core section 15.2 has dynamic providers do, and VAD refuses: tokens in a redirect."""
    assert known["registration_endpoint"] == f"{vad_town.issuer}/register"
    assert not {"id_token", "token id_token", "id_token token"} & set(known["response_types_supported"])
    assert "implicit" not in known["grant_types_supported"]


@plays("oidcc-registration-policy-uri")
def test_oidcc_registration_policy_uri(suite: Suite, person: Person) -> None:
    """A link on the login page and the consent page; only to the client's own hosts."""
    _links_to(suite, person, "policy_uri", "https://rp.example/policy", "app-policy", "rp.example")
    _refused(suite, "policy_uri", "https://digid.example/")


@plays("oidcc-registration-tos-uri")
def test_oidcc_registration_tos_uri(suite: Suite, person: Person) -> None:
    """ADR 0038: the module's client has its terms at the Foundation, which is none of its hosts; its name is told."""
    _links_to(suite, person, "tos_uri", "https://openid.net", "app-terms", "openid.net")
    nameless = (
        "https://127.0.0.2/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://openid.net./",
        "https://openid%2enet/",
    )
    _refused(suite, "tos_uri", *nameless, "http://localhost/")


def _links_to(suite: Suite, person: Person, member: str, address: str, link: str, host: str) -> None:
    rp, made = suite.client(**{member: address})
    assert made[member] == address
    person.open(rp.ask(**LEAST).url)
    assert ("login-submit" in person.page.elements, _links(person)) == (True, {link: (address, host)})
    person.log_in()
    assert ("consent-give" in person.page.elements, _links(person)) == (True, {link: (address, host)})


def _refused(suite: Suite, member: str, *addresses: str) -> None:
    for wrong in (*addresses, "javascript:alert(1)", "https://rp.example@digid.example/", "http://rp.example/"):
        assert error_of(suite.registers(**{member: wrong})) == "invalid_client_metadata", wrong


def _links(person: Person) -> dict[str, tuple[str, str]]:
    link = r'<a class="govuk-link" href="([^"]+)" rel="noopener noreferrer" id="(app-\w+)">[^<]+</a>'
    beside = r' <span class="vad-break">\(op ([^)]+)\)</span>'
    return {name: (address, host) for address, name, host in re.findall(link + beside, person.page.text)}


@plays("oidcc-registration-logo-uri")
def test_oidcc_registration_logo_uri(suite: Suite, person: Person) -> None:
    """ADR 0038: taken note of by nobody. No page has a picture from elsewhere, and none of a browser could load one."""
    rp, made = suite.client(logo_uri="https://rp.example/logo.png")
    assert "logo_uri" not in made
    person.open(rp.ask(**LEAST).url)
    assert "login-submit" in person.page.elements
    assert "logo.png" not in person.page.text
    assert "img-src 'self'" in person.seen[-1].headers["Content-Security-Policy"]


@plays("oidcc-registration-jwks-uri")
def test_oidcc_registration_jwks_uri(suite: Suite, visitor: Person) -> None:
    """The client proves itself by a key that it publishes."""
    suite.there["/jwks"] = ("application/json", json.dumps(keys(suite.key)))
    rp, made = suite.client(jwks=None, jwks_uri=f"{suite.address}/jwks")
    assert (made["jwks_uri"], "jwks" in made) == (f"{suite.address}/jwks", False)
    assert rp.userinfo(tokens(rp, visitor)["access_token"]).status_code == 200


@plays("oidcc-registration-sector-uri")
def test_oidcc_registration_sector_uri(suite: Suite, visitor: Person) -> None:
    """With a list of its redirect URIs at that address: registered, and from there the whole way."""
    suite.there["/uris.json"] = ("application/json", json.dumps([REDIRECT]))
    rp, made = suite.client(subject_type="pairwise", sector_identifier_uri=f"{suite.address}/uris.json")
    assert (made["sector_identifier_uri"], made["subject_type"]) == (f"{suite.address}/uris.json", "pairwise")
    held = tokens(rp, visitor)
    assert rp.userinfo(held["access_token"]).json()["sub"] == claims_of(held["id_token"])["sub"]


@plays("oidcc-registration-sector-bad")
def test_oidcc_registration_sector_bad(suite: Suite) -> None:
    """With a list of somebody else's: refused."""
    suite.there["/others.json"] = ("application/json", json.dumps(["https://other.example/callback"]))
    refused = suite.registers(subject_type="pairwise", sector_identifier_uri=f"{suite.address}/others.json")
    assert error_of(refused) == "invalid_client_metadata"


@plays("oidcc-refresh-token")
def test_oidcc_refresh_token(suite: Suite, visitor: Person) -> None:
    """Two clients that may refresh: each gets new tokens of the same login, and nothing by the other's."""
    one, two = (suite.client(grant_types=REFRESHES)[0] for _ in range(2))
    for rp, other in ((one, two), (two, one)):
        held = tokens(rp, visitor, rp.ask(**OFFLINE))
        again = refreshed(rp.refresh(held["refresh_token"], scope=OFFLINE["scope"] if rp is one else None), held)
        assert rp.userinfo(again["access_token"]).json()["sub"] == claims_of(held["id_token"])["sub"]
        stolen = other.refresh(again["refresh_token"])
        assert refusal(stolen) == (400, "invalid_grant")


@plays("oidcc-refresh-token-rp-key-rotation")
def test_oidcc_refresh_token_rp_key_rotation(suite: Suite, visitor: Person) -> None:
    """A key that was published since the code was redeemed proves the client when it refreshes, for what it asked."""
    suite.there["/rotated"] = ("application/json", json.dumps(keys(suite.key)))
    rp, _ = suite.client(jwks=None, jwks_uri=f"{suite.address}/rotated", grant_types=REFRESHES)
    held = tokens(rp, visitor, rp.ask(**OFFLINE))
    suite.there["/rotated"] = ("application/json", json.dumps(keys(suite.other)))
    again = replace(rp, key=suite.other).refresh(held["refresh_token"], scope=OFFLINE["scope"])
    assert rp.userinfo(refreshed(again, held)["access_token"]).json()["sub"] == claims_of(held["id_token"])["sub"]


@plays("oidcc-request-uri-signed-rs256")
def test_oidcc_request_uri_signed_rs256(suite: Suite, visitor: Person, known: dict[str, Any]) -> None:
    """The request lies at the client's address, as `application/jose`, without times and with `iss` and `aud`."""
    assert known["request_uri_parameter_supported"] is True
    assert "RS256" in known["request_object_signing_alg_values_supported"]
    place = f"{suite.address}/requests/1"
    rp, _ = suite.client(request_uris=[place], request_object_signing_alg="RS256")
    asked = rp.ask(**LEAST)
    request = sign({**dict(asked.parameters), "iss": rp.client_id, "aud": rp.issuer}, suite.key)
    suite.there["/requests/1"] = ("application/jose", request)
    claims = claims_of(tokens(rp, visitor, _by_name(rp.issuer, asked, place))["id_token"])
    assert claims["nonce"] == dict(asked.parameters)["nonce"]
    assert time.time() - 60 < claims["iat"]


@plays("oidcc-request-uri-unsigned", "oidcc-ensure-request-object-with-redirect-uri")
def test_a_request_that_nobody_signed(suite: Suite, visitor: Person, known: dict[str, Any], module: str) -> None:
    """Skipped: discovery has no `none` for requests. What comes so is refused, at an address or by itself."""
    assert "none" not in known["request_object_signing_alg_values_supported"]
    assert error_of(suite.registers(request_object_signing_alg="none")) == "invalid_client_metadata"
    place = f"{suite.address}/requests/2"
    rp, _ = suite.client(request_uris=[place])
    asked = rp.ask(**LEAST)
    request = unsigned({**dict(asked.parameters), "iss": rp.client_id, "aud": rp.issuer}, {"alg": "none"})
    suite.there["/requests/2"] = ("application/jose", request)
    brought = _by_name(rp.issuer, asked, place)
    if module == "oidcc-ensure-request-object-with-redirect-uri":
        brought = rp.ask(request=request, redirect_uri="https://other.example/callback", **LEAST)
    answer = visitor.send("GET", brought.url)
    assert (answer.status_code, answer.headers.get("Location")) == (400, None)


def _by_name(issuer: str, asked: Asked, place: str) -> Asked:
    """What the browser brings of a request that lies at an address."""
    pairs = [(name, value) for name, value in asked.parameters if name in {"client_id", "scope", "response_type"}]
    pairs.append(("request_uri", place))
    return Asked(pairs, asked.code_verifier, f"{issuer}/authorize?{urlencode(pairs)}")


@plays("oidcc-ensure-client-assertion-with-iss-aud-succeeds")
def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(suite: Suite, visitor: Person) -> None:
    """An assertion for the issuer, and not for the token endpoint."""
    rp, _ = suite.client()
    held = tokens(replace(rp, audience=rp.issuer), visitor)
    assert rp.userinfo(held["access_token"]).status_code == 200
