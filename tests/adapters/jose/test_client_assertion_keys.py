"""Client authentication by `private_key_jwt`: which keys and algorithms prove anything (RFC 7523, RFC 8725)."""

import hashlib
import hmac
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import OKPAlgorithm

from tests.adapters.jose.assertions_under_test import PRIVATE, PUBLIC, accepted, assertion, claims
from tests.adapters.jose.tokens_under_test import p256, segment
from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.public_keys import PublicKeys
from vad.adapters.vault.encoding import base64url
from vad.adapters.vault.jwk import public_members


def test_each_algorithm_of_the_profile(assertions: JwtClientAssertions) -> None:
    """ES256, PS256, RS256 and EdDSA, and no other."""
    rsa_key = rsa.generate_private_key(65537, 2048)
    edwards = ed25519.Ed25519PrivateKey.generate()
    registered = {
        "PS256": (rsa_key, public_members(rsa_key.public_key())),
        "RS256": (rsa_key, public_members(rsa_key.public_key())),
        "EdDSA": (edwards, OKPAlgorithm.to_jwk(edwards.public_key(), as_dict=True)),
    }
    for algorithm, (key, jwk) in registered.items():
        made = assertion(key, algorithm, kid=None, jti=algorithm)
        assert accepted(assertions, made, [{k: v for k, v in jwk.items() if k != "key_ops"}])
    assert not accepted(assertions, assertion(rsa_key, "RS512", kid=None), [registered["RS256"][1]])
    bent = ed448.Ed448PrivateKey.generate()
    made = assertion(bent, "EdDSA", kid=None)
    assert not accepted(assertions, made, [OKPAlgorithm.to_jwk(bent.public_key(), as_dict=True)])
    p384 = ec.generate_private_key(ec.SECP384R1())
    assert not accepted(assertions, assertion(p384, "ES384", kid=None))


def test_keys_come_from_the_registration_alone(assertions: JwtClientAssertions) -> None:
    """Neither a key in the header, nor another client's, nor an unknown key id, nor no key at all will do."""
    stranger, strangers_jwk = p256()
    assert not accepted(assertions, assertion(stranger))
    assert not accepted(assertions, assertion(stranger, kid="unknown"))
    assert not accepted(assertions, assertion(), [])
    assert not accepted(assertions, assertion(kid="unknown"))
    carried = jwt.encode(claims(), stranger, "ES256", headers={"jwk": strangers_jwk, "kid": PUBLIC["kid"]})
    assert not accepted(assertions, carried)


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"alg": "RS256"},
        {"key_ops": ["sign"]},
        {"key_ops": "verify"},
        {"kty": "RSA"},
        {"kty": ["EC"]},
        {"crv": "P-384"},
        {"x": "AAAA"},
        {"x": PUBLIC["y"]},
        {"y": 7},
        {"d": "AAAA"},
    ],
)
def test_a_registered_key_must_be_fit(assertions: JwtClientAssertions, change: dict[str, Any]) -> None:
    """Keys for other uses, broken ones, and ones whose private half was published prove nothing."""
    assert not accepted(assertions, assertion(), [{**PUBLIC, **change}])


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
def test_short_rsa_keys_are_refused(assertions: JwtClientAssertions) -> None:
    """Below 2048 bits a signature proves nothing."""
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose
    made = assertion(short, "RS256", kid=None)
    assert not accepted(assertions, made, [public_members(short.public_key())])


def test_a_huge_rsa_key_is_no_key() -> None:
    """One signature made with it would keep us busy for long: up to 8192 bits, and no more; nor a huge exponent."""
    keys, most = PublicKeys(), 2**8192 - 1
    cases = ((most, 65537, 1), (most + 2, 65537, 0), (most, 2**31 - 1, 1), (most, 2**31 + 1, 0))
    for modulus, exponent, found in (*cases, (2**3072 - 1, 2**3072 - 3, 0)):
        n, e = (base64url(number.to_bytes(1025).lstrip(b"\x00")) for number in (modulus, exponent))
        jwk = {"kty": "RSA", "e": e, "n": n}
        assert len(keys.verifying([jwk], algorithm="RS256", kid=None)) == found


def test_secrets_and_no_signature_are_refused(assertions: JwtClientAssertions) -> None:
    """`alg: none`, and HS256 with the public key as its secret."""
    public = PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    unsigned = f"{segment({'alg': 'none', 'kid': PUBLIC['kid']})}.{segment(claims())}."
    assert not accepted(assertions, unsigned)
    message = f"{segment({'alg': 'HS256', 'kid': PUBLIC['kid']})}.{segment(claims())}"
    mac = hmac.digest(public, message.encode(), hashlib.sha256)
    forged = f"{message}.{jwt.utils.base64url_encode(mac).decode()}"
    assert not accepted(assertions, forged)
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": PUBLIC["kid"]}
    assert not accepted(assertions, forged, [secret])


def test_keys_are_parsed_once() -> None:
    """The same registered key gives the same key object."""
    keys = PublicKeys()
    (one,) = keys.verifying([PUBLIC], algorithm="ES256", kid=None)
    (two,) = keys.verifying([dict(PUBLIC)], algorithm="ES256", kid=PUBLIC["kid"])
    assert one is two
