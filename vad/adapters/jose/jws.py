"""Reading signed JWTs (RFC 7515, RFC 7519): nothing in a token is believed before its signature is."""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

import jwt

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.public_keys import PublicKey
from vad.adapters.vault.encoding import from_base64url
from vad.domain import strict_json

LONGEST = 16 * 1024
"""Characters of a whole token."""

_SIGNATURE_ONLY: Any = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
    "enforce_minimum_key_length": True,
}
"""The claims are checked by each reader, against the time that is given to it; PyJWT would look at its own clock."""


class _Reader(jwt.PyJWT):
    """PyJWT, but for how the claims are read."""

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        """Made to be overridden. Raises `ValueError` for JSON that is too deep or has more than one meaning."""
        claims = strict_json.parse(decoded["payload"])
        if not isinstance(claims, dict):
            raise ValueError("not an object")  # noqa: TRY004 - what came is data
        return claims


@cache
def _reader() -> _Reader:
    """Holds nothing but its options; one will do for all tokens."""
    return _Reader(_SIGNATURE_ONLY)


def header_of(token: str) -> Mapping[str, object]:
    """The header, unverified. Raises `TokenRefusedError` for what is too long, no JWS, or leans on extensions."""
    if len(token) > LONGEST:
        raise TokenRefusedError(Refusal.TOO_LONG)
    if not token.isascii():
        raise TokenRefusedError(Refusal.MALFORMED)
    try:
        # PyJWT would decode the whole token for it, character by character, and again to verify it.
        header: object = strict_json.parse(from_base64url(token.partition(".")[0]))
    except ValueError:
        raise TokenRefusedError(Refusal.MALFORMED) from None
    if not isinstance(header, dict) or "crit" in header or "b64" in header:
        raise TokenRefusedError(Refusal.MALFORMED)
    return header


def unverified_claims(token: str) -> Mapping[str, object]:
    """The claims as they stand there, proof of nothing. Raises `TokenRefusedError` for what is no JWS of ours."""
    header_of(token)
    try:
        claims: Mapping[str, object] = _reader().decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        raise TokenRefusedError(Refusal.MALFORMED) from None
    return claims


def check_type(header: Mapping[str, object], known: Collection[str]) -> None:
    """Raise `TokenRefusedError` for what says that it is for another use. Without `typ` it may be for any.

    A media type, so capitals do not count and `application/` may be left out (RFC 7515 section 4.1.9).
    """
    typ = header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in known:
        raise TokenRefusedError(Refusal.TYPE)


def algorithm_of(header: Mapping[str, object], allowed: Sequence[str]) -> str:
    """The algorithm, when it is an allowed one; raises `TokenRefusedError` (RFC 8725 section 3.1)."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in allowed:
        raise TokenRefusedError(Refusal.ALGORITHM)
    return algorithm


def kid_of(header: Mapping[str, object]) -> str | None:
    """The key id, if the header names one. Raises `TokenRefusedError` for one that is no text."""
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise TokenRefusedError(Refusal.MALFORMED)
    return kid


def verified(token: str, keys: Sequence[PublicKey], algorithm: str) -> Mapping[str, object]:
    """The claims of a token that one of these keys signed with exactly this algorithm.

    Raises `TokenRefusedError`. Only the signature is checked.
    """
    if not keys:
        raise TokenRefusedError(Refusal.UNKNOWN_KEY)
    for key in keys:
        try:
            claims: Mapping[str, object] = _reader().decode_complete(token, key, algorithms=[algorithm])["payload"]
        except (jwt.InvalidSignatureError, jwt.InvalidKeyError):
            continue
        except (jwt.PyJWTError, ValueError):
            raise TokenRefusedError(Refusal.MALFORMED) from None
        return claims
    raise TokenRefusedError(Refusal.SIGNATURE)


def numeric_date(claims: Mapping[str, object], name: str) -> float:
    """A NumericDate claim in seconds (RFC 7519 section 2). Raises `TokenRefusedError` when it is absent or none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefusedError(Refusal.TIME)
    try:
        seconds = float(value)
    except OverflowError:
        raise TokenRefusedError(Refusal.TIME) from None
    if not math.isfinite(seconds):
        raise TokenRefusedError(Refusal.TIME)
    return seconds


def text(claims: Mapping[str, object], name: str, refusal: Refusal, longest: int = 255) -> str:
    """A claim that must be a non-empty string. Raises `TokenRefusedError` with `refusal`."""
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise TokenRefusedError(refusal)
    return value
