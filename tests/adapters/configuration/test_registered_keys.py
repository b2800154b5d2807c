"""Registrations: a key that could not do its work is named when it is registered, not when somebody needs a token."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from tests.support.rsa_keys import STRONG, WEAK, rsa_key
from vad.adapters.configuration import registrations
from vad.adapters.configuration.files import ConfigurationFileError
from vad.domain.client import MOST_KEYS

Key = dict[str, Any]


def elliptic(curve: ec.EllipticCurve) -> Key:
    """A public key on this curve."""
    return dict(ECAlgorithm.to_jwk(ec.generate_private_key(curve).public_key(), as_dict=True))


def rsa_jwk(bits: int) -> Key:
    """A public RSA key of this size."""
    key = RSAAlgorithm.to_jwk(rsa_key(bits).public_key(), as_dict=True)
    return {name: key[name] for name in ("kty", "n", "e")}


P256 = elliptic(ec.SECP256R1())
RSA = rsa_jwk(STRONG)
ED25519 = dict(OKPAlgorithm.to_jwk(ed25519.Ed25519PrivateKey.generate().public_key(), as_dict=True))


def content(client_key: Key = P256, source_key: Key | None = None, sector: str = "") -> dict[str, Any]:
    """A configuration with one client and one source."""
    return {
        "clients": [
            {
                "client_id": "pgo",
                "name": "App",
                "organisation": "App B.V.",
                "redirect_uris": ["https://app.example/callback"],
                "jwks": {"keys": [client_key]},
                "sector": sector,
            }
        ],
        "resource_servers": [
            {
                "identifier": "https://bron.example",
                "name": "Bron",
                "organisation": "Bron",
                "data_services": ["48"],
                "identifier_type": "bsn_jwe",
                "encryption_jwk": source_key or {**P256, "use": "enc"},
                "admitted": {"pgo": ["48"]},
            }
        ],
        "data_services": [{"id": "48", "name_nl": "Basis", "name_en": "Basic"}],
    }


def without(key: Key, name: str) -> Key:
    """The key without one member."""
    return {member: value for member, value in key.items() if member != name}


GOOD_CLIENT_KEYS: list[Key] = [P256, {**P256, "use": "sig", "alg": "ES256", "kid": "k"}, RSA, ED25519]


@pytest.mark.parametrize("key", GOOD_CLIENT_KEYS, ids=lambda key: str(key["kty"]))
def test_a_clients_key_that_can_check_signatures(key: Key) -> None:
    """P-256, RSA from 2048 bits and Ed25519 are what the profile's algorithms use."""
    assert registrations.parse(content(key)).clients[0].jwks == (key,)


def test_there_are_not_many() -> None:
    """Each may have to be tried for a signature that names none: as many as an app may publish, and no more."""
    many = content()
    many["clients"][0]["jwks"]["keys"] = [P256] * MOST_KEYS
    assert len(registrations.parse(many).clients[0].jwks) == MOST_KEYS
    many["clients"][0]["jwks"]["keys"] += [P256]
    with pytest.raises(ConfigurationFileError, match=f"jwks.keys: .*at most {MOST_KEYS} items"):
        registrations.parse(many)


BAD_CLIENT_KEYS: dict[str, Key] = {
    "without x": without(P256, "x"),
    "without n": without(RSA, "n"),
    "off the curve": {**P256, "x": P256["y"]},
    "P-384": elliptic(ec.SECP384R1()),
    "secp256k1": elliptic(ec.SECP256K1()),
    "unknown curve": {**P256, "crv": "P-999"},
    "weak RSA": rsa_jwk(WEAK),
    "for encryption": {**P256, "use": "enc"},
    "another algorithm": {**P256, "alg": "ES384"},
    "HMAC named": {**RSA, "alg": "HS256"},
    "signs only": {**P256, "key_ops": ["sign"]},
    "kid of a number": {**P256, "kid": 7},
    "private": {**P256, "d": "AAAA"},
    "symmetric": {"kty": "oct", "k": "AAAA"},
    "unknown kind": {"kty": "AKP"},
    "empty": {},
}


@pytest.mark.parametrize("kind", BAD_CLIENT_KEYS)
def test_a_clients_key_that_can_not(kind: str) -> None:
    """The fault names the client and the key, and repeats nothing of it."""
    key = BAD_CLIENT_KEYS[kind]
    with pytest.raises(ConfigurationFileError) as refused:
        registrations.parse(content(key))
    assert "jwks.keys.0" in str(refused.value)
    assert not any(value in str(refused.value) for value in key.values() if isinstance(value, str) and len(value) > 20)


GOOD_SOURCE_KEYS = [P256, {**P256, "alg": "ECDH-ES"}, elliptic(ec.SECP384R1()), RSA, {**RSA, "alg": "RSA-OAEP-256"}]


@pytest.mark.parametrize("key", GOOD_SOURCE_KEYS, ids=lambda key: f"{key['kty']} {key.get('alg')}")
def test_a_sources_key_that_can_be_encrypted_to(key: Key) -> None:
    """The curves of RFC 7518 and RSA from 2048 bits."""
    enc = {**key, "use": "enc"}
    assert registrations.parse(content(source_key=enc)).resource_servers[0].encryption_jwk == enc


BAD_SOURCE_KEYS: dict[str, Key] = {
    "without y": without(P256, "y"),
    "off the curve": {**P256, "x": P256["y"]},
    "secp256k1": elliptic(ec.SECP256K1()),
    "weak RSA": rsa_jwk(WEAK),
    "Ed25519": ED25519,
    "for signatures": {**P256, "use": "sig"},
    "another algorithm": {**P256, "alg": "RSA-OAEP-256"},
    "old RSA": {**RSA, "alg": "RSA1_5"},
    "private": {**P256, "d": "AAAA"},
}


@pytest.mark.parametrize("kind", BAD_SOURCE_KEYS)
def test_a_sources_key_that_can_not(kind: str) -> None:
    """The fault names the source and its key."""
    with pytest.raises(ConfigurationFileError) as refused:
        registrations.parse(content(source_key={"use": "enc", **BAD_SOURCE_KEYS[kind]}))
    assert "encryption_jwk" in str(refused.value)


def test_a_source_needs_to_say_what_its_key_is_for() -> None:
    """Without `use: enc` it might be the source's signing key."""
    with pytest.raises(ConfigurationFileError, match="use: enc"):
        registrations.parse(content(source_key=P256))


@pytest.mark.parametrize("sector", ["a\x00b", "a\nb", "\x7f", "a\u202eb"])
def test_a_sector_is_printable(sector: str) -> None:
    """Two sectors that look the same are the same (rule 32)."""
    with pytest.raises(ConfigurationFileError, match="sector"):
        registrations.parse(content(sector=sector))
