"""Public keys as JSON Web Keys (RFC 7517, RFC 7518 section 6) and their thumbprints (RFC 7638)."""

import hashlib
import json
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from vad.adapters.vault.encoding import base64url

_COORDINATE = 32
_REQUIRED = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n"), "OKP": ("crv", "kty", "x")}


def public_members(key: EllipticCurvePublicKey | RSAPublicKey) -> dict[str, str]:
    """The members that make up this public key. Raises `ValueError` for a curve other than P-256."""
    if isinstance(key, RSAPublicKey):
        rsa = key.public_numbers()
        return {"kty": "RSA", "n": _integer(rsa.n), "e": _integer(rsa.e)}
    if not isinstance(key.curve, SECP256R1):
        raise ValueError("only P-256 keys are made here")  # noqa: TRY004 - the kind of curve is a value
    point = key.public_numbers()
    x, y = (base64url(value.to_bytes(_COORDINATE)) for value in (point.x, point.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def thumbprint(jwk: Mapping[str, object]) -> str:
    """RFC 7638 SHA-256 thumbprint, base64url. Raises `ValueError` for what is no asymmetric key."""
    names = _REQUIRED.get(str(jwk.get("kty")))
    if names is None:
        raise ValueError("not an asymmetric JWK")
    members = {name: jwk.get(name) for name in names}
    if not all(isinstance(value, str) and value for value in members.values()):
        raise ValueError("an incomplete JWK")
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(canonical.encode()).digest())


def _integer(value: int) -> str:
    return base64url(value.to_bytes((value.bit_length() + 7) // 8))
