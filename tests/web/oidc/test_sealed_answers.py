"""ID tokens and userinfo, signed and encrypted as an app is registered (OIDC Core sections 3.1.3.7 and 5.3.2)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from tests.support.backroom import Backroom
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, header_of

NAMES = ("id_token_encrypted_response", "userinfo_encrypted_response")


@pytest.fixture
def ec_key() -> ECKey:
    """Give the key that its ID tokens are encrypted to."""
    return ECKey.generate_key("P-256", {"kid": "ec-enc", "use": "enc"})


@pytest.fixture
def rsa_key() -> RSAKey:
    """Give the key that its userinfo is encrypted to."""
    return RSAKey.generate_key(2048, {"kid": "rsa-enc", "use": "enc"})


@pytest.fixture
def sealed_rp(bare_rp: RelyingParty, backroom: Backroom, ec_key: ECKey, rsa_key: RSAKey) -> Iterator[RelyingParty]:
    """Give a client that wants everything signed and encrypted, until the test is over."""
    [(before,)] = backroom.ask("SELECT jwks FROM clients WHERE client_id = 'rp-bare'")
    more = [key.as_dict(private=False) for key in (ec_key, rsa_key)]
    register(backroom, [*before, *more], "ECDH-ES+A256KW", "A256GCM", "RSA-OAEP-256", "A128CBC-HS256", "PS256")
    yield bare_rp
    register(backroom, before, "", "", "", "", "")


def register(backroom: Backroom, jwks: list[Any], *values: str) -> None:
    """Change what it is registered as."""
    statement = """UPDATE clients SET jwks = %s, id_token_encrypted_response_alg = %s,
        id_token_encrypted_response_enc = %s, userinfo_encrypted_response_alg = %s,
        userinfo_encrypted_response_enc = %s, userinfo_signed_response_alg = %s WHERE client_id = 'rp-bare'"""
    backroom.ask(statement, json.dumps(jwks), *values)
    backroom.ask("UPDATE configuration_version SET version = version + 1")


def opened(token: str, key: ECKey | RSAKey) -> str:
    """What is inside."""
    header = header_of(token)
    return (jwe.decrypt_compact(token, key, algorithms=[header["alg"], header["enc"]]).plaintext or b"").decode()


def test_signed_and_then_encrypted(sealed_rp: RelyingParty, person: Person, ec_key: ECKey, rsa_key: RSAKey) -> None:
    """Nested JWTs, each to the key that fits; inside they are what others get in clear."""
    keys = KeySet.import_key_set(requests.get(f"{sealed_rp.issuer}/jwks", timeout=20).json())
    asked = sealed_rp.ask()
    held = sealed_rp.redeem(asked, person.authorize(asked)).json()
    header = header_of(held["id_token"])
    assert (header["alg"], header["enc"], header["kid"], header["cty"]) == (
        "ECDH-ES+A256KW",
        "A256GCM",
        "ec-enc",
        "JWT",
    )
    claims = jwt.decode(opened(held["id_token"], ec_key), keys, algorithms=["ES256"]).claims
    assert claims["nonce"] == dict(asked.parameters)["nonce"]
    answer = sealed_rp.userinfo(held["access_token"])
    assert answer.headers["Content-Type"] == "application/jwt"
    assert header_of(answer.text)["kid"] == "rsa-enc"
    told = jwt.decode(opened(answer.text, rsa_key), keys, algorithms=["PS256"]).claims
    assert (told["iss"], told["aud"], told["sub"]) == (sealed_rp.issuer, "rp-bare", claims["sub"])
    assert told["person"]["name"] == "Frouke Jansen"
    # What came encrypted is opened before it is a hint (section 3.1.2.1).
    again = sealed_rp.ask(id_token_hint=held["id_token"], prompt="none")
    person.open(again.url)
    assert (person.answer or {})["error"] == "invalid_request"


def test_without_its_key_nothing_leaves_in_clear(sealed_rp: RelyingParty, person: Person, backroom: Backroom) -> None:
    """However the key went: 503, and neither a name nor a token."""
    asked = sealed_rp.ask()
    held = sealed_rp.redeem(asked, person.authorize(asked)).json()
    [(jwks,)] = backroom.ask("SELECT jwks FROM clients WHERE client_id = 'rp-bare'")
    register(backroom, jwks[:1], "ECDH-ES", "A256GCM", "RSA-OAEP-256", "A256GCM", "")
    answer = sealed_rp.userinfo(held["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert "Frouke" not in answer.text
    asked = sealed_rp.ask()
    refused = sealed_rp.redeem(asked, person.authorize(asked))
    assert (refused.status_code, refused.json().keys()) == (503, {"error", "error_description"})


def test_discovery_says_what_there_is(bare_rp: RelyingParty) -> None:
    """What an app may register (OIDC Discovery section 3)."""
    known = requests.get(f"{bare_rp.issuer}/.well-known/openid-configuration", timeout=20).json()
    for what in ("id_token", "userinfo"):
        assert {"ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"} <= {*known[f"{what}_encryption_alg_values_supported"]}
        assert known[f"{what}_encryption_enc_values_supported"] == ["A256GCM", "A128CBC-HS256"]
        assert set(known[f"{what}_signing_alg_values_supported"]) == {"ES256", "PS256", "RS256"}
