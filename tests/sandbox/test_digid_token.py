"""The mock DigiD's token endpoint: every refusal of a real provider, and the nonsense it can be told to answer."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest
import requests
from joserfc.errors import BadSignatureError

from tests.sandbox.relying_party import ASSERTION_TYPE, SUBSTANTIAL, VERIFIER, Clock, RelyingParty, answer, key
from vad.sandbox.digid.tokens import NONSENSE


@dataclass(frozen=True)
class FromNow:
    """A moment so many seconds from when the test runs; tests are collected long before."""

    seconds: int


def refused(response: requests.Response, error: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
    """Check that a token request was refused with an OAuth error and nothing else."""
    assert response.status_code == status
    assert response.json()["error"] == error
    assert set(response.json()) == {"error", "error_description"}
    assert response.headers["Cache-Control"] == "no-store"


def segment(value: dict[str, Any]) -> str:
    """Encode one part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": VERIFIER + "="}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "http://localhost:8100/other"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
)
def test_wrong_request_is_refused(party: RelyingParty, changes: dict[str, str | None], error: str) -> None:
    """RFC 6749 4.1.3, RFC 7636 4.6: verifier, redirect URI and grant type must be those of the login."""
    refused(party.token(code=party.code(), **changes), error)


def test_code_works_once(party: RelyingParty) -> None:
    """RFC 6749 4.1.2: a code that was redeemed, or tried with a wrong verifier, is gone."""
    code = party.code()
    assert party.token(code=code).status_code == HTTPStatus.OK
    refused(party.token(code=code), "invalid_grant")
    code = party.code()
    refused(party.token(code=code, code_verifier="w" * 43), "invalid_grant")
    refused(party.token(code=code), "invalid_grant")


def test_failed_client_does_not_burn_the_code(party: RelyingParty) -> None:
    """Somebody who is not the client cannot spend the client's code."""
    code = party.code()
    refused(party.token(code=code, client_assertion=party.assertion(key("sig-1"))), "invalid_client", 401)
    assert party.token(code=code).status_code == HTTPStatus.OK


def test_code_lives_a_minute_and_must_be_ours(party: RelyingParty, clock: Clock) -> None:
    """A code works for 60 seconds; a foreign one never."""
    code = party.code()
    clock.ahead += 60
    now = int(time.time()) + 60
    refused(party.token(code=code, client_assertion=party.assertion(iat=now, exp=now + 60)), "invalid_grant")
    clock.ahead = 0
    refused(party.token(code="A" * 43), "invalid_grant")
    refused(party.token(code=None), "invalid_request")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "other"},
        {"sub": "other"},
        {"iss": None},
        {"sub": None},
        {"aud": "http://localhost:8100"},
        {"aud": ["http://localhost:8100", "vad"]},
        {"aud": None},
        {"exp": FromNow(-1)},
        {"exp": FromNow(3600)},
        {"exp": None},
        {"exp": True},
        {"iat": None},
        {"iat": FromNow(60), "exp": FromNow(120)},
        {"iat": FromNow(-400)},
        {"nbf": FromNow(60)},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
    ],
)
def test_wrong_assertion_is_refused(party: RelyingParty, claims: dict[str, Any]) -> None:
    """OpenID Connect Core 9: iss, sub, aud, exp (at most 5 minutes), iat and jti must all be right."""
    now = int(time.time())
    told: dict[str, Any] = {
        name: now + value.seconds if isinstance(value, FromNow) else value for name, value in claims.items()
    }
    refused(party.token(code="x", client_assertion=party.assertion(**told)), "invalid_client", 401)


def test_both_audiences_are_right(party: RelyingParty) -> None:
    """The assertion may name the token endpoint or the issuer, alone or as a list of one."""
    for audience in (party.issuer, [party.issuer], [f"{party.issuer}/token"]):
        refused(party.token(code="x", client_assertion=party.assertion(aud=audience)), "invalid_grant")


def test_assertion_works_once(party: RelyingParty) -> None:
    """RFC 7523 3: the same jti is refused, also in an assertion that is otherwise new."""
    assertion = party.assertion(jti="once")
    refused(party.token(code="x", client_assertion=assertion), "invalid_grant")
    refused(party.token(code="x", client_assertion=assertion), "invalid_client", 401)
    refused(party.token(code="x", client_assertion=party.assertion(jti="once")), "invalid_client", 401)


def test_foreign_unsigned_and_secret_signatures_are_refused(party: RelyingParty) -> None:
    """Only ES256 by the client's own published key: no other key, no `none`, no HMAC with the public key."""
    for foreign in (key("sig-1"), key("unknown")):
        refused(party.token(code="x", client_assertion=party.assertion(foreign)), "invalid_client", 401)
    unsigned = f"{segment({'alg': 'none', 'kid': 'sig-1'})}.{segment(party.claims())}."
    refused(party.token(code="x", client_assertion=unsigned), "invalid_client", 401)
    confused = f"{segment({'alg': 'HS256', 'kid': 'sig-1'})}.{segment(party.claims())}"
    mac = hmac.digest(party.signing.as_pem(private=False), confused.encode(), hashlib.sha256)
    confused += "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    refused(party.token(code="x", client_assertion=confused), "invalid_client", 401)
    encrypting = party.assertion(party.encryption)
    refused(party.token(code="x", client_assertion=encrypting), "invalid_client", 401)
    for nonsense in ("", "a.b.c", "é.é.é", "....", segment({"alg": "ES256"})):
        refused(party.token(code="x", client_assertion=nonsense), "invalid_client", 401)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_assertion_type": None},
        {"client_assertion_type": "urn:other"},
        {"client_id": "other"},
        {"client_secret": "secret"},
        {"client_assertion": None},
    ],
)
def test_other_client_authentication_is_refused(party: RelyingParty, changes: dict[str, str | None]) -> None:
    """Only private_key_jwt, for the one client."""
    refused(party.token(code="x", **changes), "invalid_client", 401)


def test_parameters_belong_in_the_body_and_occur_once(party: RelyingParty) -> None:
    """RFC 6749 3.2: nothing in the address, nothing twice, a form and nothing else; GET is no token request."""
    url = f"{party.issuer}/token"
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": party.assertion()}
    refused(requests.post(url, params={"grant_type": "x"}, data=form, timeout=10), "invalid_request")
    refused(requests.post(url, json=form, timeout=10), "invalid_request")
    refused(requests.post(url, data=[*form.items(), ("code", "a"), ("code", "b")], timeout=10), "invalid_request")
    assert requests.get(url, timeout=10).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_client_keys_are_fetched_once_and_again_for_an_unknown_kid(party: RelyingParty) -> None:
    """Rotation: a new key works at once, the former one no longer; known keys cost no new fetch."""
    former = party.signing
    assert party.token(code=party.code()).status_code == HTTPStatus.OK
    assert party.token(code=party.code()).status_code == HTTPStatus.OK
    assert party.fetches == 1
    party.signing = key("sig-2")
    assert party.token(code=party.code()).status_code == HTTPStatus.OK
    assert party.fetches == 2
    refused(party.token(code="x", client_assertion=party.assertion(former)), "invalid_client", 401)


@pytest.mark.parametrize("mode", NONSENSE)
def test_nonsense_on_request(party: RelyingParty, mode: str) -> None:
    """Each token mode breaks exactly one thing, so that a client can be proved to look at it."""
    control = requests.post(f"{party.issuer}/control/faults", json={"mode": mode, "times": 1}, timeout=10)
    assert control.status_code == HTTPStatus.OK
    id_token = party.token(code=party.code(level="hoog")).json()["id_token"]
    if mode == "not_encrypted":
        assert party.verified(id_token.encode())["aud"] == "vad"
        return
    signed = party.opened(id_token)
    if mode == "unsigned":
        assert signed.endswith(b".")
        return
    if mode == "foreign_key":
        with pytest.raises(BadSignatureError):
            party.verified(signed)
        return
    claims = party.verified(signed)
    wrong = {
        "iss": claims["iss"] != party.issuer,
        "aud": claims["aud"] != "vad",
        "nonce": claims["nonce"] != "nonce-1",
        "exp": claims["exp"] < time.time(),
        "acr": claims["acr"] == "http://eidas.europa.eu/LoA/low",
    }
    expected = {
        "wrong_issuer": "iss",
        "wrong_audience": "aud",
        "wrong_nonce": "nonce",
        "expired": "exp",
        "too_low": "acr",
    }
    assert [claim for claim, is_wrong in wrong.items() if is_wrong] == [expected[mode]]
    later = party.verified(party.opened(party.token(code=party.code()).json()["id_token"]))
    assert later["acr"] == SUBSTANTIAL


def test_unreachable_client_keys_are_a_temporary_failure(party: RelyingParty) -> None:
    """When the client's keys cannot be fetched nobody is let in, and the answer says it is temporary."""
    code = answer(party.submit(party.open_page()))["code"]
    party.broken = True
    refused(party.token(code=code), "temporarily_unavailable", 503)
