"""Public keys of others, from JSON Web Keys (RFC 7517): which fit an algorithm, and their key objects."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

from vad.domain.client import Jwk

Members = tuple[tuple[str, str], ...]
PublicKey = EllipticCurvePublicKey | RSAPublicKey | Ed25519PublicKey

SMALLEST_RSA = 2048
"""Bits. PyJWT and joserfc only warn below it."""
LARGEST_RSA = 8192
"""Bits. Beyond it one signature check costs an attacker nothing and us much."""
LARGEST_EXPONENT = 2**31 - 1
"""As many libraries have it. One as long as the modulus makes a signature check hundreds of times as dear."""

_MEMBERS = {"EC": ("crv", "x", "y"), "RSA": ("n", "e"), "OKP": ("crv", "x")}
_FROM_JWK: dict[str, Callable[[dict[str, str]], object]] = {
    "EC": ECAlgorithm.from_jwk,
    "RSA": RSAAlgorithm.from_jwk,
    "OKP": OKPAlgorithm.from_jwk,
}
_KEY_OF = {
    "ES256": ("EC", "P-256"),
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "EdDSA": ("OKP", "Ed25519"),
}


class PublicKeys:
    """Parses each key once. A key is known by the members of its thumbprint; the cache is bounded."""

    def __init__(self, capacity: int = 1024) -> None:
        self._load = lru_cache(capacity)(load)

    def verifying(self, jwks: Sequence[Jwk], *, algorithm: str, kid: str | None) -> list[PublicKey]:
        """The keys that may have made a signature with this algorithm; with a `kid`, only the keys named so."""
        fitting = (jwk for jwk in jwks if (kid is None or jwk.get("kid") == kid) and _verifies(jwk, algorithm))
        members = (thumbprint_members(jwk) for jwk in fitting)
        loaded = (self._load(each) for each in members if each is not None)
        return [key for key in loaded if key is not None]


def thumbprint_members(jwk: Jwk) -> Members | None:
    """The members that make up the key (RFC 7638 section 3.2); None for what is incomplete or not public."""
    kty = jwk.get("kty")
    names = _MEMBERS.get(kty) if isinstance(kty, str) else None
    if names is None or "d" in jwk:
        # Whoever hands out a private key no longer proves anything with it.
        return None
    members = [(name, jwk.get(name)) for name in ("kty", *names)]
    texts = tuple((name, value) for name, value in members if isinstance(value, str) and value)
    return texts if len(texts) == len(members) else None


def load(members: Members) -> PublicKey | None:
    """The key object; None for what is malformed, weak or of an unknown kind."""
    jwk = dict(members)
    try:
        key = _FROM_JWK[jwk["kty"]](jwk)
    except (PyJWTError, ValueError, TypeError):
        return None
    if isinstance(key, RSAPublicKey):
        fit = SMALLEST_RSA <= key.key_size <= LARGEST_RSA and key.public_numbers().e <= LARGEST_EXPONENT
        return key if fit else None
    return key if isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey) else None


def _verifies(jwk: Jwk, algorithm: str) -> bool:
    kty, curve = _KEY_OF[algorithm]
    operations = jwk.get("key_ops", ["verify"])
    return (
        jwk.get("kty") == kty
        and (curve is None or jwk.get("crv") == curve)
        and jwk.get("use", "sig") == "sig"
        and jwk.get("alg", algorithm) == algorithm
        and isinstance(operations, list)
        and "verify" in operations
    )
