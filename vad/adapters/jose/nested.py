"""Opening a nested JWT: signed, then encrypted to us (RFC 7519 section 5.2, OIDC Core section 10.2)."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import LONGEST, algorithm_of, header_of, kid_of, verified
from vad.adapters.jose.public_keys import PublicKeys
from vad.adapters.vault.encoding import from_base64url
from vad.adapters.vault.keys import AsymmetricKey, Key
from vad.domain import strict_json
from vad.domain.client import Jwk

SIGNATURES = ("ES256", "PS256", "RS256")
KEY_MANAGEMENT = ("ECDH-ES", "RSA-OAEP-256")
CONTENT = "A256GCM"

_LONGEST_HEADER = 4096
_JWTS = frozenset({"JWT", "OAUTH-AUTHZ-REQ+JWT"})
"""Kinds of content that are a JWT, the latter by RFC 9101 section 10.8."""
_PARTS = 5


def open_nested(
    token: str,
    decryption_keys: Sequence[Key],
    verification_jwks: Sequence[Jwk],
    algorithms: Sequence[str] = SIGNATURES,
) -> Mapping[str, object]:
    """The claims inside. Only decryption and signature are checked: issuer, audience, times and nonce are not.

    `algorithms` are the signatures to accept, out of `SIGNATURES`. Raises `TokenRefusedError`; with
    `Refusal.UNKNOWN_KEY` another look at the sender's key set may help.
    """
    return open_signed(decrypted(token, decryption_keys), verification_jwks, algorithms)


def open_signed(
    token: str, verification_jwks: Sequence[Jwk], algorithms: Sequence[str] = SIGNATURES
) -> Mapping[str, object]:
    """The same of a token that is signed alone."""
    header = header_of(token)
    algorithm = algorithm_of(header, [name for name in algorithms if name in SIGNATURES])
    keys = _signers().verifying(verification_jwks, algorithm=algorithm, kid=kid_of(header))
    return verified(token, keys, algorithm)


def decrypted(token: str, keys: Sequence[Key], contents: Sequence[str] = (CONTENT,)) -> str:
    """The JWT inside, not looked at. Raises `TokenRefusedError` for what is no JWE to one of these keys."""
    header = _outer_header(token, contents)
    kid = kid_of(header)
    enc = str(header["enc"])
    candidates = [key for key in keys if key.algorithm == header["alg"] and (kid is None or key.key_id == kid)]
    for key in candidates:
        try:
            opened = jwe.decrypt_compact(token, _imported(key.private), registry=_registry(key.algorithm, enc))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
        return (opened.plaintext or b"").decode("ascii", "replace")
    raise TokenRefusedError(Refusal.DECRYPTION)


def _outer_header(token: str, contents: Sequence[str]) -> Mapping[str, object]:
    if len(token) > LONGEST:
        raise TokenRefusedError(Refusal.TOO_LONG)
    if token.count(".") != _PARTS - 1 or not token.isascii():
        raise TokenRefusedError(Refusal.MALFORMED)
    try:
        header: object = strict_json.parse(from_base64url(token.partition(".")[0]))
    except ValueError:
        raise TokenRefusedError(Refusal.MALFORMED) from None
    if not isinstance(header, dict):
        raise TokenRefusedError(Refusal.MALFORMED)
    algorithm_of(header, KEY_MANAGEMENT)
    if header.get("enc") not in contents or "zip" in header or "crit" in header:
        # Compression is refused: a small token must not become a large one.
        raise TokenRefusedError(Refusal.ALGORITHM)
    if str(header.get("cty", "JWT")).upper() not in _JWTS:
        raise TokenRefusedError(Refusal.TYPE)
    return header


@cache
def _signers() -> PublicKeys:
    """The keys of senders, each parsed once in the life of this process."""
    return PublicKeys(64)


@lru_cache(16)
def _imported(private: AsymmetricKey) -> ECKey | RSAKey:
    return RSAKey.import_key(private) if isinstance(private, RSAPrivateKey) else ECKey.import_key(private)


@cache
def _registry(algorithm: str, content: str) -> jwe.JWERegistry:
    # Headers that we do not know are ignored, as RFC 7516 section 4 says; `crit` was refused above.
    registry = jwe.JWERegistry(algorithms=[algorithm, content], strict_check_header=False)
    registry.max_protected_header_length = _LONGEST_HEADER
    return registry
