"""Signed authorization requests: JAR (RFC 9101). What is encrypted to VAD is opened first."""

import json
from collections.abc import Mapping
from datetime import datetime

import structlog

from vad.adapters.jose.client_signatures import ClientSignatures
from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import LONGEST, check_type, header_of, numeric_date, text
from vad.adapters.jose.nested import decrypted
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.domain.authorization_request import PARAMETERS
from vad.domain.client import Client
from vad.domain.profile import Demand

REQUEST_ENCRYPTION_ENC = ("A256GCM", "A128CBC-HS256")
_DOTS_OF_JWE = 4
LONGEST_LIFE = 3600
"""Seconds between `nbf` and `exp`, and that `nbf` may be ago (FAPI 2.0 Message Signing section 5.3.1)."""
CLOCK_SKEW = 60
"""Seconds that a client's clock may be ahead. The end of a request has no leeway."""
_TYPES = frozenset({"jwt", "oauth-authz-req+jwt"})
_NEVER = frozenset({"request", "request_uri", "sub"})
"""RFC 9101 section 4: not inside each other; and section 10.8: with a subject it might be taken for an assertion."""


class JwtRequestObjects:
    """`vad.services.ports.tokens.RequestObjects`."""

    def __init__(self, issuer: str, signatures: ClientSignatures, rings: Rings) -> None:
        self._issuer = issuer
        self._rings = rings
        self._signatures = signatures
        self._log = structlog.get_logger(__name__)

    def read(self, client: Client, token: str, at: datetime) -> tuple[tuple[str, str], ...] | None:
        try:
            return self._read(client, token, at.timestamp())
        except TokenRefusedError as error:
            self._log.info("request_object_refused", client_id=client.client_id, reason=error.reason.value)
            return None

    def _read(self, client: Client, token: str, now: float) -> tuple[tuple[str, str], ...]:
        if token.count(".") == _DOTS_OF_JWE:
            token = self._decrypted(client, token)
        rules, header = client.rules, header_of(token)
        check_type(header, _TYPES)
        algorithms = rules.request_object_algorithms
        if client.request_object_signing_alg:
            algorithms = (client.request_object_signing_alg,)
        claims = self._signatures.claims(client, token, header, algorithms)
        strict = rules.request_object_claims is Demand.REQUIRED
        if (strict or "iss" in claims) and claims.get("iss") != client.client_id:
            raise TokenRefusedError(Refusal.ISSUER)
        # An app whose requests count for being signed says for whom each is, and for how long.
        limited = strict or client.require_signed_request_object
        if (limited or "aud" in claims) and self._issuer not in _listed(claims.get("aud")):
            raise TokenRefusedError(Refusal.AUDIENCE)
        _check_times(claims, now, begins=strict, ends=limited)
        if "jti" in claims:
            text(claims, "jti", Refusal.JTI, LONGEST)
        if claims.get("client_id") != client.client_id:
            raise TokenRefusedError(Refusal.SUBJECT)
        if claims.keys() & _NEVER:
            raise TokenRefusedError(Refusal.MALFORMED)
        return tuple(pair for name, value in claims.items() if name in PARAMETERS for pair in _parameters(name, value))

    def _decrypted(self, client: Client, token: str) -> str:
        """The signed JWT inside; by what the app said that it would use, where it said so."""
        alg, enc = client.request_object_encryption_alg, client.request_object_encryption_enc
        keys = [key for key in self._rings.current.all(Purpose.REQUEST_ENCRYPTION) if alg in {"", key.algorithm}]
        return decrypted(token, keys, (enc,) if enc else REQUEST_ENCRYPTION_ENC)


def _check_times(claims: Mapping[str, object], now: float, *, begins: bool, ends: bool) -> None:
    """It ends, in an hour at most. What may be left out, unless its beginning or end must be there, counts from now.

    What was made in the future is refused as what begins there is (FAPI 2.0 Security Profile section 5.3.2.1).
    """
    if "iat" in claims and numeric_date(claims, "iat") > now + CLOCK_SKEW:
        raise TokenRefusedError(Refusal.TIME)
    begin = numeric_date(claims, "nbf") if begins or "nbf" in claims else now
    expires = numeric_date(claims, "exp") if ends or "exp" in claims else now + 1
    if not now - LONGEST_LIFE <= begin <= now + CLOCK_SKEW or not now < expires <= begin + LONGEST_LIFE:
        raise TokenRefusedError(Refusal.TIME)


def _listed(audience: object) -> list[object]:
    return audience if isinstance(audience, list) else [audience]


def _parameters(name: str, value: object) -> list[tuple[str, str]]:
    """A claim as the parameters that it stands for: text, numbers, and JSON where a parameter holds that."""
    match value:
        case str():
            return [(name, value)]
        case bool():
            raise TokenRefusedError(Refusal.MALFORMED)
        case int():
            return [(name, str(value))]
        case float() if name == "max_age" and value.is_integer():
            # JSON knows numbers alone, and some write each with a fraction.
            return [(name, str(int(value)))]
        case list() if name == "resource" and all(isinstance(each, str) for each in value):
            return [(name, str(each)) for each in value]
        case dict() | list():
            return [(name, json.dumps(value, separators=(",", ":"), ensure_ascii=False))]
        case _:
            raise TokenRefusedError(Refusal.MALFORMED)
