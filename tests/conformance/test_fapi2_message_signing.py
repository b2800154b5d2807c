"""FAPI 2.0 Message Signing, signed requests: each module of its plan that the one for the Security Profile lacks."""

import time
from typing import Any

from tests.conformance.answers import refusal
from tests.conformance.fapi2_client import Fapi2Client
from tests.conformance.playing import FAPI2, plays
from tests.support.person import Person
from tests.support.relying_party_client import new_key

HOUR = 3600


def claims(client: Fapi2Client, changed: dict[str, Any]) -> dict[str, Any]:
    """What is changed: of times, how many seconds from now they are; `{}` in an audience is VAD."""
    now, said = int(time.time()), dict(changed)
    for name, value in changed.items():
        if isinstance(value, int):
            said[name] = now + value
        elif isinstance(value, list):
            said[name] = [each.format(client.rp.issuer) for each in value]
    return said


GOOD: dict[str, dict[str, Any]] = {
    "ensure-request-object-with-multiple-aud-succeeds": {"aud": ["{}", "https://other.example"]},
    "ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted": {"nbf": 8},
}


@plays(*(FAPI2 + name for name in GOOD))
def test_what_is_taken(signing: Fapi2Client, visitor: Person, module: str) -> None:
    """The whole way, to tokens."""
    asked = signing.rp.ask()
    pushed = signing.push_signed(asked, **claims(signing, GOOD[module.removeprefix(FAPI2)]))
    held = signing.tokens(visitor, asked, pushed)
    assert signing.holder.userinfo(held["access_token"]).status_code == 200


BAD: dict[str, dict[str, Any]] = {
    "ensure-request-object-without-exp-fails": {"exp": None},
    "ensure-request-object-without-nbf-fails": {"nbf": None},
    "ensure-expired-request-object-fails": {"nbf": -600, "exp": -300},
    "ensure-request-object-with-bad-aud-fails": {"aud": ["https://other.example"]},
    "ensure-request-object-with-exp-over-60-fails": {"exp": 2 * HOUR},
    "ensure-request-object-with-nbf-over-60-fails": {"nbf": -2 * HOUR},
}


@plays(*(FAPI2 + name for name in BAD))
def test_what_is_refused(signing: Fapi2Client, module: str) -> None:
    """`invalid_request_object`, at PAR; the same without that is taken."""
    asked = signing.rp.ask()
    refused = signing.push_signed(asked, **claims(signing, BAD[module.removeprefix(FAPI2)]))
    assert refusal(refused) == (400, "invalid_request_object")
    assert signing.push_signed(asked).status_code == 201


@plays(FAPI2 + "par-authorization-request-containing-request_uri")
def test_a_name_in_a_request_that_is_pushed(signing: Fapi2Client) -> None:
    """RFC 9101 section 4: no `request_uri` in what was signed, not even of a request that was pushed."""
    held = signing.push(signing.rp.ask()).json()["request_uri"]
    for name in ("urn:ietf:params:oauth:request_uri:x", held):
        assert refusal(signing.push_signed(signing.rp.ask(), request_uri=name)) == (400, "invalid_request_object")


@plays(
    FAPI2 + "ensure-request-object-signature-algorithm-is-not-none",
    FAPI2 + "ensure-request-object-with-invalid-signature-fails",
    FAPI2 + "ensure-matching-key-in-authorization-request",
)
def test_who_signs_and_how(signing: Fapi2Client, client: Fapi2Client, module: str) -> None:
    """Nobody, somebody whose signature was changed, or another: by a second app's key, or one of the same name."""
    asked, own = signing.rp.ask(), signing.rp.key
    good = signing.signed(asked)
    head, body, signature = good.split(".")
    sent = {
        "ensure-request-object-signature-algorithm-is-not-none": [f"eyJhbGciOiJub25lIn0.{body}."],
        "ensure-request-object-with-invalid-signature-fails": [f"{head}.{body}.{signature[:-6]}AAAAAA"],
        "ensure-matching-key-in-authorization-request": [],
    }[module.removeprefix(FAPI2)]
    if not sent:
        for key in (client.rp.key, new_key(str(own["kid"]), use="sig", alg="ES256")):
            signing.rp.key = key
            sent.append(signing.signed(asked))
        signing.rp.key = own
    for token in sent:
        assert refusal(signing.holder.post("/par", {"request": token})) == (400, "invalid_request_object")
    assert signing.holder.post("/par", {"request": good}).status_code == 201


@plays(FAPI2 + "ensure-unsigned-request-at-par-endpoint-fails")
def test_a_request_that_is_not_signed(signing: Fapi2Client) -> None:
    """The parameters themselves in the form, from an app that signs all it asks."""
    sent = dict(signing.rp.ask().parameters)
    assert refusal(signing.holder.post("/par", sent)) == (400, "invalid_request")
