"""RS256 is refused for what it is where a profile forbids it: the key is registered, and its signature is right."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests
from joserfc.jwk import OKPKey, RSAKey

from tests.conformance.fapi2_client import Fapi2Client
from tests.conformance.playing import FAPI2, SIGNED, plays
from tests.support.key_holder import Holder
from tests.support.relying_party_client import RelyingParty

Signer = Callable[[str], Fapi2Client]
ALGORITHMS = ("PS256", "RS256")


def signers(client: Fapi2Client, more_keys: Mapping[str, RSAKey | OKPKey]) -> Signer:
    """The same app with its RSA key, which says nothing of an algorithm where it is registered."""
    key: dict[str, Any] = dict(more_keys["RSA"].as_dict(private=True))

    def of(algorithm: str) -> Fapi2Client:
        return Fapi2Client(Holder(replace(client.rp, key={**key, "alg": algorithm}), client.holder.key))

    return of


def judged(answer: requests.Response) -> tuple[int, str | None]:
    """What came of it."""
    return answer.status_code, answer.json().get("error")


@pytest.fixture
def governed(rs256_rp: RelyingParty) -> Fapi2Client:
    """Give an app of profile `nlgov`, for which the same RSA key is registered."""
    return Fapi2Client(Holder(rs256_rp))


@plays(FAPI2 + "ensure-signed-client-assertion-with-RS256-fails", also=SIGNED)
def test_ensure_signed_client_assertion_with_rs256_fails(
    client: Fapi2Client, governed: Fapi2Client, more_keys: dict[str, RSAKey | OKPKey]
) -> None:
    """One key, two algorithms: `fapi2` takes PS256 alone, `nlgov` both."""
    for algorithm in ALGORITHMS:
        strict, usual = (signers(each, more_keys)(algorithm) for each in (client, governed))
        refused = (401, "invalid_client") if algorithm == "RS256" else (201, None)
        # Its other key signs the request, where that is signed: nothing but the assertion is at fault.
        assert judged(strict.holder.post("/par", client.form(strict.rp.ask()))) == refused
        assert judged(usual.push(usual.rp.ask())) == (201, None)


@plays(FAPI2 + "ensure-signed-request-object-with-RS256-fails")
def test_ensure_signed_request_object_with_rs256_fails(
    signing: Fapi2Client, governed: Fapi2Client, more_keys: dict[str, RSAKey | OKPKey]
) -> None:
    """The same of a request: the app proves itself with its other key, so nothing but the request is at fault."""
    for algorithm in ALGORITHMS:
        refused = (400, "invalid_request_object") if algorithm == "RS256" else (201, None)
        for app, expected in ((signing, refused), (governed, (201, None))):
            signed = signers(app, more_keys)(algorithm).signed(app.rp.ask())
            assert judged(app.holder.post("/par", {"request": signed})) == expected
