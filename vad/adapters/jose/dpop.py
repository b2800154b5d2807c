"""Proofs of possession: DPoP (RFC 9449). What a token is bound to is the thumbprint of the key that signed them."""

import hashlib
import hmac
import re
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import structlog

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import algorithm_of, header_of, numeric_date, text, unverified_claims, verified
from vad.adapters.jose.public_keys import PublicKeys
from vad.adapters.vault.encoding import base64url, from_base64url
from vad.adapters.vault.jwk import thumbprint
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.domain.dpop import DpopProofError
from vad.domain.profile import DPOP_ALGORITHMS
from vad.services.ports.volatile import ReplayGuard

TYPE = "dpop+jwt"
WINDOW = 60
"""Seconds that `iat` may be ago, or ahead."""
NONCE_LIFE = 300
"""Seconds that a nonce of ours is good for; each process makes and knows them without a store."""
_PERIOD = 60
_LABEL = b"vad dpop nonce 1\x00"
_MAC = 16
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
"""RFC 3986 section 2.3."""
_PORTS = {"https": 443, "http": 80}


class DpopNonces:
    """Nonces of the server (RFC 9449 section 8): a keyed hash of the minute, so that no proof is made long ahead."""

    def __init__(self, rings: Rings) -> None:
        self._key = hmac.digest(rings.current.active(Purpose.BINDING).secret, _LABEL, hashlib.sha256)

    def current(self, at: datetime) -> str:
        """The one to use now."""
        return self._of(int(at.timestamp()) // _PERIOD)

    def known(self, nonce: str, at: datetime) -> bool:
        """Whether it is one of the last minutes, or of a process whose clock is a little ahead."""
        try:
            period = int.from_bytes(from_base64url(nonce)[:8])
        except ValueError:
            return False
        now = int(at.timestamp()) // _PERIOD
        timely = now - NONCE_LIFE // _PERIOD <= period <= now + 1
        return timely and hmac.compare_digest(nonce.encode(), self._of(period).encode())

    def _of(self, period: int) -> str:
        named = period.to_bytes(8)
        return base64url(named + hmac.digest(self._key, named, hashlib.sha256)[:_MAC])


class JwtDpopProofs:
    """`vad.services.ports.tokens.DpopProofs`."""

    def __init__(self, nonces: DpopNonces, replay: ReplayGuard) -> None:
        self._nonces = nonces
        self._replay = replay
        self._keys = PublicKeys()
        self._log = structlog.get_logger(__name__)

    def nonce(self, at: datetime) -> str:
        return self._nonces.current(at)

    def ask_for_nonce(self, proof: str, at: datetime) -> None:
        try:
            claims = unverified_claims(proof)
        except TokenRefusedError:
            # `verify` says so, to whoever it is told.
            return
        self._check_nonce(claims, at)

    def verify(
        self, proof: str, method: str, urls: tuple[str, ...], at: datetime, access_token: str | None = None
    ) -> str:
        try:
            return self._verify(proof, method, urls, at, access_token)
        except TokenRefusedError as error:
            self._log.info("dpop_proof_refused", reason=error.reason.value)
            raise DpopProofError from error

    def _verify(self, proof: str, method: str, urls: tuple[str, ...], at: datetime, access_token: str | None) -> str:
        header = header_of(proof)
        if header.get("typ") != TYPE:
            raise TokenRefusedError(Refusal.TYPE)
        algorithm, jwk = algorithm_of(header, DPOP_ALGORITHMS), header.get("jwk")
        # A private key is no public one: `verifying` passes it over.
        if not isinstance(jwk, dict):
            raise TokenRefusedError(Refusal.UNKNOWN_KEY)
        claims = verified(proof, self._keys.verifying([jwk], algorithm=algorithm, kid=None), algorithm)
        if claims.get("htm") != method:
            raise TokenRefusedError(Refusal.SUBJECT)
        if _place(text(claims, "htu", Refusal.AUDIENCE, longest=2048)) not in map(_place, urls):
            raise TokenRefusedError(Refusal.AUDIENCE)
        if access_token is not None:
            _for_token(claims, access_token)
        issued, jti = numeric_date(claims, "iat"), text(claims, "jti", Refusal.JTI)
        if not abs(at.timestamp() - issued) <= WINDOW or not _holds(claims, at.timestamp()):
            raise TokenRefusedError(Refusal.TIME)
        self._check_nonce(claims, at)
        jkt = thumbprint(jwk)
        # Last, so that only a good proof uses its `jti` up.
        if not self._replay.first_use(f"dpop:{jkt}", jti, datetime.fromtimestamp(issued + 2 * WINDOW, UTC), at):
            raise TokenRefusedError(Refusal.REPLAY)
        return jkt

    def _check_nonce(self, claims: Mapping[str, object], at: datetime) -> None:
        """Its own error, with a fresh one beside it: whoever asks again with that has done nothing wrong."""
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not self._nonces.known(nonce, at):
            raise DpopProofError(nonce_wanted=True)


def _holds(claims: Mapping[str, object], now: float) -> bool:
    """A proof needs no `nbf` and no `exp`; one that has them says when it counts (RFC 7519 section 4.1)."""
    begins = numeric_date(claims, "nbf") if "nbf" in claims else now
    ends = numeric_date(claims, "exp") if "exp" in claims else now + 1
    return begins <= now + WINDOW and now < ends


def _for_token(claims: Mapping[str, object], access_token: str) -> None:
    """`ath` names the token that it goes with (RFC 9449 section 4.3)."""
    known = base64url(hashlib.sha256(access_token.encode()).digest())
    if not hmac.compare_digest(str(claims.get("ath")).encode(), known.encode()):
        raise TokenRefusedError(Refusal.SUBJECT)


def _place(url: str) -> tuple[str, str, int | None, str]:
    """Scheme, host, port and path: without query and fragment (RFC 9449 section 4.3, RFC 3986 section 6.2.2)."""
    try:
        parts = urlsplit(url)
        port = _PORTS.get(parts.scheme) if parts.port is None else parts.port
    except ValueError:
        raise TokenRefusedError(Refusal.AUDIENCE) from None
    if "@" in parts.netloc:
        # With somebody's name before the host it is another address, and none of ours has that.
        raise TokenRefusedError(Refusal.AUDIENCE)
    return parts.scheme, parts.hostname or "", port, _ENCODED.sub(_plain, parts.path) or "/"


def _plain(encoded: re.Match[str]) -> str:
    """A percent-encoded character that needs none, as itself; capital digits for all others."""
    character = chr(int(encoded[1], 16))
    return character if character in _UNRESERVED else encoded[0].upper()
