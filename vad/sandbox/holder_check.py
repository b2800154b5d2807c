"""How a data source sees that whoever brings a bound token holds what it is bound to: the reference to start from.

A token says it in `cnf`: a key, proved with each request (DPoP, RFC 9449 section 7.1), the certificate of the
connection (RFC 8705 section 3), or both. Nothing here is particular to one data source.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from joserfc.errors import JoseError
from joserfc.jwk import import_key

from vad.sandbox.memory import ShortLived
from vad.sandbox.refusals import Reason, RefusedError

ALGORITHMS = ["ES256", "PS256", "EdDSA"]
"""A list of our own, of signatures alone: a proof never chooses its algorithm."""
KINDS = ("EC", "RSA", "OKP")
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
LONGEST = 8192
SMALLEST_RSA, LARGEST_RSA = 2048, 8192
"""Bits. Whoever sends a proof brings its key along: beyond this one check costs them nothing and you much."""
LARGEST_EXPONENT = 2**31 - 1
"""As many libraries have it. One as long as the modulus makes a check hundreds of times as dear."""
WINDOW = 60
"""Seconds that a proof may be old, or ahead."""
KNOWN = frozenset({"jkt", "x5t#S256"})


@dataclass(frozen=True)
class Shown:
    """What a request shows of who sends it: how the token came, each header `DPoP`, and the certificate (DER)."""

    scheme: str
    method: str
    url: str
    proofs: Sequence[str] = ()
    certificate: bytes | None = field(default=None, repr=False)


AS_BEARER = Shown("bearer", "", "")
"""A token that anybody may use who has it."""


class HolderCheck:
    """The check of one data source. Safe to share among threads. `clock` tells Unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._seen: ShortLived[bool] = ShortLived(clock)

    def check(self, token: str, confirmation: Any, shown: Shown) -> None:
        """Let a token pass with this `cnf` (None: it has none). Raises RefusedError."""
        if confirmation is None:
            if shown.scheme != "bearer":  # the scheme DPoP is for bound tokens alone (RFC 9449, section 7.1)
                raise RefusedError(Reason.SENDER_CONSTRAINED)
            return
        if not isinstance(confirmation, dict) or not confirmation or not confirmation.keys() <= KNOWN:
            raise RefusedError(Reason.SENDER_CONSTRAINED)  # bound to what this source does not know
        if not all(isinstance(each, str) and each for each in confirmation.values()):
            raise RefusedError(Reason.SENDER_CONSTRAINED)
        wanted: Mapping[str, str] = confirmation
        if ("jkt" in wanted) is not (shown.scheme == "dpop"):
            raise RefusedError(Reason.SENDER_CONSTRAINED)
        if "jkt" in wanted and not _same(self._proved(token, shown), wanted["jkt"]):
            raise RefusedError(Reason.PROOF)
        if "x5t#S256" in wanted and not _same(_thumbprint(shown.certificate), wanted["x5t#S256"]):
            raise RefusedError(Reason.CERTIFICATE)

    def _proved(self, token: str, shown: Shown) -> str:
        """The thumbprint of the key that signed the one proof, for this request and this token, the first time."""
        if len(shown.proofs) != 1 or len(shown.proofs[0]) > LONGEST:
            raise RefusedError(Reason.PROOF)
        try:
            header = jwt.get_unverified_header(shown.proofs[0])
            jwk = header["jwk"]
            if header.get("typ") != "dpop+jwt" or header.get("alg") not in ALGORITHMS:
                raise RefusedError(Reason.PROOF)
            if jwk.get("kty") not in KINDS or PRIVATE & jwk.keys():
                raise RefusedError(Reason.PROOF)
            proving = jwt.PyJWK(jwk, header["alg"])
            if not _cheap(proving.key):
                raise RefusedError(Reason.PROOF)
            claims = jwt.decode_complete(
                shown.proofs[0],
                proving,
                algorithms=ALGORITHMS,
                options={"require": ["jti", "htm", "htu", "iat", "ath"], "enforce_minimum_key_length": True},
                leeway=WINDOW,
            )["payload"]
            key = import_key(jwk).thumbprint()
        except (jwt.PyJWTError, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise RefusedError(Reason.PROOF) from error
        hashed = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        times = type(claims["iat"]) is int and abs(self._clock() - claims["iat"]) <= WINDOW
        of_this = claims["htm"] == shown.method and _plain(str(claims["htu"])) == _plain(shown.url)
        named = isinstance(claims["jti"], str) and 0 < len(claims["jti"]) <= 255  # noqa: PLR2004
        if not (times and of_this and named and _same(str(claims["ath"]), hashed)):
            raise RefusedError(Reason.PROOF)
        # Last: a proof that is no good must not use up the name of one that is.
        if not self._seen.add(f"{key} {claims['jti']}", value=True, seconds=2 * WINDOW):
            raise RefusedError(Reason.PROOF)
        return key


def _cheap(key: Any) -> bool:
    """Whether a check with it costs no more than it should."""
    if not isinstance(key, RSAPublicKey):
        return True
    return SMALLEST_RSA <= key.key_size <= LARGEST_RSA and key.public_numbers().e <= LARGEST_EXPONENT


def _thumbprint(certificate: bytes | None) -> str:
    if certificate is None:
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(certificate).digest()).rstrip(b"=").decode()


def _plain(url: str) -> str:
    """An address without query and fragment, each character in one spelling (RFC 9449, section 4.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{unquote(parts.path)}"


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
