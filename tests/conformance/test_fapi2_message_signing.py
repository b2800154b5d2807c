"""FAPI 2.0 Message Signing, signed requests: each module of its plan that the one for the Security Profile lacks."""

import time
from typing import Any

import pytest

from tests.conformance.fapi2_client import Fapi2Client
from tests.support.person import Person
from tests.support.relying_party_client import new_key

HOUR = 3600


GOOD: dict[str, dict[str, Any]] = {
    "ensure-request-object-with-multiple-aud-succeeds": {"aud": ["{}", "https://other.example"]},
    "ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted": {"nbf": 8},
    "happy-flow, as the second client signs": {"iat": 0},
}


@pytest.mark.parametrize("module", GOOD)
def test_what_is_taken(signing: Fapi2Client, person: Person, module: str) -> None:
    """The whole way, to tokens."""
    asked, now = signing.rp.ask(), int(time.time())
    claims: dict[str, Any] = {
        name: now + value if isinstance(value, int) else value for name, value in GOOD[module].items()
    }
    if "aud" in claims:
        claims["aud"] = [each.format(signing.rp.issuer) for each in claims["aud"]]
    assert "id_token" in signing.tokens(person, asked, signing.push_signed(asked, **claims))


NOW = int(time.time())
BAD: dict[str, dict[str, Any]] = {
    "ensure-request-object-without-exp-fails": {"exp": None},
    "ensure-request-object-without-nbf-fails": {"nbf": None},
    "ensure-expired-request-object-fails": {"nbf": NOW - 600, "exp": NOW - 300},
    "ensure-request-object-with-bad-aud-fails": {"aud": "https://other.example"},
    "ensure-request-object-with-exp-over-60-fails": {"exp": NOW + 2 * HOUR},
    "ensure-request-object-with-nbf-over-60-fails": {"nbf": NOW - 2 * HOUR},
    "par-authorization-request-containing-request_uri": {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
}


@pytest.mark.parametrize("module", BAD)
def test_what_is_refused(signing: Fapi2Client, module: str) -> None:
    """`invalid_request_object`, at PAR."""
    refused = signing.push_signed(signing.rp.ask(), **BAD[module])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request_object")


def test_who_signs_and_how(signing: Fapi2Client, client: Fapi2Client) -> None:
    """`none`, a changed signature, the key of another app, and no signature at all."""
    asked = signing.rp.ask()
    good = signing.signed(asked)
    head, body, signature = good.split(".")
    own = signing.rp.key
    forged = {"ensure-matching-key": client.rp.key}
    forged["a key of the same name"] = new_key(str(own["kid"]), use="sig", alg="ES256")
    sent = {
        "signature-algorithm-is-not-none": f"eyJhbGciOiJub25lIn0.{body}.",
        "with-invalid-signature-fails": f"{head}.{body}.{signature[:-6]}AAAAAA",
    }
    for module, key in forged.items():
        signing.rp.key = key
        sent[module] = signing.signed(asked)
    signing.rp.key = own
    for module, token in sent.items():
        refused = signing.holder.post("/par", {"request": token})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request_object"), module
    unsigned = signing.push(asked)
    assert (unsigned.status_code, unsigned.json()["error"]) == (400, "invalid_request")
    assert signing.holder.post("/par", {"request": good}).status_code == 201
