"""The subject identifier, encrypted to one source (rule 33)."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey, RSAKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from tests.adapters.jose.tokens_under_test import header_and_claims, p256
from tests.support.rsa_keys import WEAK, rsa_key
from vad.adapters.jose.encryption import JweSubjectSealer
from vad.adapters.jose.errors import EncryptionKeyError
from vad.adapters.vault.jwk import public_members, thumbprint

PLAINTEXT = {"sub": "999991772", "sub_id_type": "urn:nl-eid-gdi:1.0:id:BSN", "aud": "https://x", "jti": "1"}
EC_KEY, EC_JWK = p256()
ENC_JWK = {**EC_JWK, "use": "enc"}
RSA_KEY = rsa_key()
RSA_JWK = {**public_members(RSA_KEY.public_key()), "use": "enc", "kid": "rsa-1"}
SEALER = JweSubjectSealer()


def test_sealed_to_an_elliptic_curve_key() -> None:
    """ECDH-ES with A256GCM; the source opens it with its own key and finds what was sealed."""
    sealed = SEALER.seal(PLAINTEXT, ENC_JWK)
    opened = jwe.decrypt_compact(sealed, ECKey.import_key(EC_KEY), algorithms=["ECDH-ES", "A256GCM"])
    assert json.loads(opened.plaintext or b"") == PLAINTEXT
    header = opened.headers()
    assert (header["alg"], header["enc"], header["kid"]) == ("ECDH-ES", "A256GCM", EC_JWK["kid"])
    assert "999991772" not in sealed


def test_sealed_to_an_rsa_key() -> None:
    """RSA-OAEP-256 with A256GCM; an `alg` in the registration that says so is fine."""
    for jwk in (RSA_JWK, {**RSA_JWK, "alg": "RSA-OAEP-256"}):
        sealed = SEALER.seal(PLAINTEXT, jwk)
        opened = jwe.decrypt_compact(sealed, RSAKey.import_key(RSA_KEY), algorithms=["RSA-OAEP-256", "A256GCM"])
        assert json.loads(opened.plaintext or b"") == PLAINTEXT
        assert opened.headers()["kid"] == "rsa-1"


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1()])
def test_larger_curves_and_keys_without_a_name(curve: ec.EllipticCurve) -> None:
    """P-384 and P-521 are fine; a key without a `kid` is named by its thumbprint."""
    private = ec.generate_private_key(curve)
    jwk: dict[str, Any] = {**ECAlgorithm.to_jwk(private.public_key(), as_dict=True), "use": "enc"}
    sealed = SEALER.seal(PLAINTEXT, jwk)
    assert jwe.decrypt_compact(sealed, ECKey.import_key(private), algorithms=["ECDH-ES", "A256GCM"]).plaintext
    assert header_of(sealed)["kid"] == thumbprint(jwk)


def test_two_seals_share_nothing() -> None:
    """Equal plaintexts can't be recognised."""
    one, two = (SEALER.seal(PLAINTEXT, ENC_JWK).split(".") for _ in range(2))
    assert one[3] != two[3]


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=40), max_size=5))
def test_round_trip(plaintext: dict[str, object]) -> None:
    """Any JSON object survives."""
    sealed = SEALER.seal(plaintext, ENC_JWK)
    opened = jwe.decrypt_compact(sealed, ECKey.import_key(EC_KEY), algorithms=["ECDH-ES", "A256GCM"])
    assert json.loads(opened.plaintext or b"") == plaintext


def _short_rsa() -> dict[str, str]:
    return {**public_members(rsa_key(WEAK).public_key()), "use": "enc"}


def _edwards() -> dict[str, Any]:
    return {**OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate().public_key(), as_dict=True), "use": "enc"}


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        EC_JWK,
        {**EC_JWK, "use": None},
        {name: value for name, value in EC_JWK.items() if name != "use"},
        {**ENC_JWK, "alg": "RSA-OAEP-256"},
        {**ENC_JWK, "alg": "ECDH-ES+A256KW"},
        {**ENC_JWK, "x": ENC_JWK["y"]},
        {**ENC_JWK, "crv": "P-999"},
        {**ENC_JWK, "d": "AAAA"},
        {"kty": "oct", "k": "AAAA", "use": "enc"},
        _short_rsa(),
        _edwards(),
    ],
)
def test_nothing_is_sealed_to_an_unfit_key(jwk: dict[str, Any]) -> None:
    """Keys that are weak, broken, for signing, or not said to be for encryption are refused; no BSN in the error."""
    with pytest.raises(EncryptionKeyError) as refused:
        SEALER.seal(PLAINTEXT, jwk)
    assert "999991772" not in str(refused.value)


def header_of(token: str) -> dict[str, Any]:
    """The header of a compact token."""
    return header_and_claims(f"{token.partition('.')[0]}.e30.")[0]
