"""Signed authorization requests (JAR, RFC 9101): what the app signed counts, and nothing beside it."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from joserfc.jwk import ECKey

from tests.support.consent_page import LAB
from tests.support.person import Person
from tests.support.relying_party_client import ASSERTION_TYPE, Asked, RelyingParty, answer_of, new_key, sign
from tests.web.oidc.inside import visit

TYPE = "oauth-authz-req+jwt"


def request_object(rp: RelyingParty, asked: Asked, header: dict[str, Any] | None = None, **changes: Any) -> str:
    """Sign what is asked. `changes` replace claims; None leaves one out."""
    now = int(time.time())
    claims: dict[str, Any] = dict(asked.parameters)
    resources = [value for name, value in asked.parameters if name == "resource"]
    claims |= {"resource": resources} if resources else {}
    claims |= {"iss": rp.client_id, "aud": rp.issuer, "nbf": now, "exp": now + 300, **changes}
    present = {name: value for name, value in claims.items() if value is not None}
    return sign(present, rp.key, {"typ": TYPE, **(header or {})})


def carrying(rp: RelyingParty, token: str, asked: Asked, **beside: str) -> Asked:
    """The request that a browser brings, with the request object and what stands beside it."""
    pairs = [("client_id", rp.client_id), ("request", token), *beside.items()]
    return Asked(pairs, asked.code_verifier, f"{rp.issuer}/authorize?{urlencode(pairs)}")


def error_of(rp: RelyingParty, token: str) -> str:
    """What a browser that brings this is sent back to the app with."""
    brought = carrying(rp, token, rp.ask(), redirect_uri=rp.redirect_uri, state="outside")
    answer = answer_of(visit(brought).headers["Location"])
    assert answer["state"] == "outside"
    return answer["error"]


def test_a_signed_request_leads_to_a_code(rp: RelyingParty, person: Person) -> None:
    """Section 5: `client_id` and `request` are enough; several resources and a number are what they stand for."""
    asked = rp.ask(resources=(LAB,), scope="openid 51")
    brought = carrying(rp, request_object(rp, asked, max_age=3000), asked)
    tokens = rp.redeem(brought, person.authorize(brought)).json()
    assert tokens["scope"] == "openid 51"
    assert person.answer is not None
    assert person.answer["state"] == dict(asked.parameters)["state"]


def test_what_stands_beside_it_does_not_count(rp: RelyingParty, person: Person) -> None:
    """Section 6.3: parameters outside are not used, and none is added (request-object substitution)."""
    asked = rp.ask()
    beside = {"state": "evil", "nonce": "evil", "scope": "openid 51", "resource": LAB, "prompt": "none"}
    brought = carrying(rp, request_object(rp, asked), asked, **beside, redirect_uri="https://evil.example/")
    person.authorize(brought)
    assert person.answer is not None
    assert person.answer["state"] == dict(asked.parameters)["state"]


TYPES = [None, "JWT", "jwt", "application/jwt", TYPE, TYPE.upper(), f"application/{TYPE}", f"Application/{TYPE}"]


@pytest.mark.parametrize("typ", TYPES)
def test_its_type_is_known_or_left_out(rp: RelyingParty, typ: str | None) -> None:
    """Section 10.8: typed, or as OIDC Core wrote them before; a media type (RFC 7515 section 4.1.9)."""
    asked = rp.ask()
    page = visit(carrying(rp, request_object(rp, asked, {"typ": typ}), asked))
    assert page.status_code == 303
    assert "error" not in page.headers["Location"]


def test_what_it_may_leave_out(rp: RelyingParty) -> None:
    """OIDC Core section 6.1: only FAPI demands issuer, audience and times."""
    asked = rp.ask()
    token = request_object(rp, asked, iss=None, aud=None, nbf=None, exp=None)
    assert "error" not in visit(carrying(rp, token, asked)).headers["Location"]


ODD: dict[str, dict[str, Any]] = {
    "truths": {"unknown": True, "another": False},
    "fractions": {"unknown": 1.5, "https://app.example/claim": 0.25},
    "what is too long, or of several lines": {"unknown": "x" * 4097, "another": ["a\nb"], "more": "a\nb"},
    "a whole number as a fraction": {"max_age": 3600.0},
    "a clock that is ahead": {"iat": int(time.time()) + 8, "nbf": int(time.time()) + 8, "jti": "one"},
    "JSON of several lines": {"claims": '{\n\t"id_token": {}\r\n}'},
}


@pytest.mark.parametrize("changes", ODD.values(), ids=ODD)
def test_what_is_odd_and_no_fault(rp: RelyingParty, changes: dict[str, Any]) -> None:
    """RFC 6749 section 3.1: parameters that are not known are ignored; FAPI 2.0 section 5.3.2.1: clocks differ."""
    asked = rp.ask()
    assert "error" not in visit(carrying(rp, request_object(rp, asked, **changes), asked)).headers["Location"]


NOW = int(time.time())
BAD: dict[str, dict[str, Any]] = {
    "another client's": {"client_id": "rp-two"},
    "nobody's": {"client_id": None},
    "from another": {"iss": "rp-two"},
    "for another": {"aud": "https://other.example"},
    "for nobody": {"aud": []},
    "over": {"nbf": NOW - 600, "exp": NOW - 1},
    "too long": {"exp": NOW + 8000},
    "too old": {"nbf": NOW - 4000, "exp": NOW + 60},
    "not yet": {"nbf": NOW + 4000, "exp": NOW + 4100},
    "a time that is none": {"exp": "tomorrow"},
    "one inside it": {"request": "x.y.z"},
    "a name inside it": {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
    "made later": {"iat": NOW + 86400},
    "made at a time that is none": {"iat": "now"},
    "a number that is no text": {"jti": 5},
    "a truth": {"prompt": True},
    "nothing that is a number": {"max_age": False},
    "a fraction": {"max_age": 1.5},
}


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_one_that_is_not_in_order_is_refused(rp: RelyingParty, changes: dict[str, Any]) -> None:
    """Section 6.2 and OIDC Core 3.1.2.6: `invalid_request_object`, to where the app is registered."""
    assert error_of(rp, request_object(rp, rp.ask(), **changes)) == "invalid_request_object"


def test_nothing_but_its_own_key_signs_it(rp: RelyingParty, other_rp: RelyingParty) -> None:
    """Section 10.1 and RFC 8725: no `none`, no secret, no key of another or out of the header, no access token."""
    asked = rp.ask()
    good = request_object(rp, asked)
    head, body, signature = good.split(".")
    stranger = new_key("stranger", use="sig", alg="ES256")
    forged = RelyingParty(rp.issuer, rp.client_id, rp.redirect_uri, stranger)
    brings_key = {"kid": None, "jwk": ECKey.import_key(stranger).as_dict(private=False)}
    tokens = [
        "x",
        "",
        f"{head}.{body}.",
        f"eyJhbGciOiJub25lIn0.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        request_object(RelyingParty(rp.issuer, rp.client_id, rp.redirect_uri, other_rp.key), asked),
        request_object(forged, asked),
        request_object(forged, asked, brings_key),
        request_object(rp, asked, {"typ": "at+jwt"}),
        request_object(rp, asked, {"crit": ["kid"]}),
        "x" * 16_000,
    ]
    for token in filter(None, tokens):
        if len(token) < 7_000:
            assert error_of(rp, token) == "invalid_request_object", token
        posted = requests.post(f"{rp.issuer}/par", _pushing(rp, token), timeout=20)
        assert (posted.status_code, posted.json()["error"]) == (400, "invalid_request_object")


def test_where_nobody_can_be_sent_there_is_a_page(rp: RelyingParty) -> None:
    """An address that only a bad object names is not believed."""
    token = request_object(rp, rp.ask(), exp=NOW - 10)
    refused = visit(carrying(rp, token, rp.ask()))
    assert (refused.status_code, refused.headers.get("Location")) == (400, None)


def test_a_signed_request_may_be_pushed(rp: RelyingParty, person: Person) -> None:
    """RFC 9126 section 3: then it is the object alone that counts, whoever the caller is."""
    asked = rp.ask()
    pushed = requests.post(f"{rp.issuer}/par", _pushing(rp, request_object(rp, asked)), timeout=20)
    assert pushed.status_code == 201
    pairs = [("client_id", rp.client_id), ("request_uri", pushed.json()["request_uri"])]
    brought = Asked(pairs, asked.code_verifier, f"{rp.issuer}/authorize?{urlencode(pairs)}")
    assert rp.redeem(brought, person.authorize(brought)).status_code == 200


def test_the_rules_are_those_for_any_request(rp: RelyingParty) -> None:
    """A signature makes nothing good that is refused otherwise."""
    for changes, error in (({"nonce": None}, "invalid_request"), ({"scope": "51"}, "invalid_scope")):
        asked = rp.ask()
        answer = visit(carrying(rp, request_object(rp, asked, **changes), asked)).headers["Location"]
        assert answer_of(answer)["error"] == error
    assert (
        visit(carrying(rp, request_object(rp, rp.ask(), redirect_uri="https://evil.example/"), rp.ask())).status_code
        == 400
    )


def test_not_both(rp: RelyingParty) -> None:
    """Section 5: `request` or `request_uri`."""
    asked = rp.ask()
    beside = {"request_uri": "https://app.example/request", "redirect_uri": rp.redirect_uri}
    location = visit(carrying(rp, request_object(rp, asked), asked, **beside)).headers["Location"]
    assert answer_of(location)["error"] == "invalid_request"


def _pushing(rp: RelyingParty, token: str) -> dict[str, str]:
    proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": rp.assertion()}
    return {"client_id": rp.client_id, "request": token, **proof}
