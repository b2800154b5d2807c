"""Client authentication by `private_key_jwt` (OIDC Core section 9, RFC 7523 section 3)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from vad.adapters.jose.client_signatures import ClientSignatures
from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import check_type, header_of, numeric_date, text, unverified_claims
from vad.domain.client import Client, ResourceServer
from vad.domain.profile import Audience, Demand, Rules
from vad.domain.profile_table import OF_SOURCES
from vad.services.ports.volatile import ReplayGuard

_TYPES = frozenset({"jwt", "client-authentication+jwt"})
"""What `typ` may say: what a client signed for another use, as a request, proves nothing (RFC 8725 section 3.11)."""
CLOCK_SKEW = 60
"""Seconds that a client's clock may be ahead. The end of an assertion has no leeway."""


_WHERE = ("/token", "/par", "/introspect", "/revoke")
"""The endpoints that authenticate their callers."""


class JwtClientAssertions:
    """`vad.services.ports.tokens.ClientAssertions`. Keys come from the registration, or from where that says."""

    def __init__(
        self,
        issuer: str,
        token_endpoint: str,
        replay: ReplayGuard,
        signatures: ClientSignatures,
        certificate_origin: str | None = None,
    ) -> None:
        """`certificate_origin`: where apps with certificates come, if there is such a place (RFC 8705 section 5)."""
        self._signatures = signatures
        # RFC 9126 section 2: the address of the PAR endpoint names this server as well; so do the others' that ask who
        # calls. Each assertion counts once, wherever it is shown.
        origins = [issuer] if certificate_origin is None else [issuer, certificate_origin]
        addresses = [f"{origin}{path}" for origin in origins for path in _WHERE]
        self._audiences = {
            Audience.ENDPOINT_OR_ISSUER: (token_endpoint, issuer, *addresses),
            Audience.ISSUER: (issuer,),
            Audience.ENDPOINT: (token_endpoint,),
        }
        self._replay = replay
        self._log = structlog.get_logger(__name__)

    def verify(
        self, caller: Client | ResourceServer, assertion: str, at: datetime, *, beside_code: bool = False
    ) -> bool:
        """Also raises `StoreUnavailableError`: what can't be checked for replay proves nothing.

        And `RegisterUnavailableError`, where the client publishes its keys itself and they can't be had.
        """
        try:
            self._verify(caller, assertion, at, beside_code=beside_code)
        except TokenRefusedError as error:
            self._log.info("client_assertion_refused", client_id=_name(caller), reason=error.reason.value)
            return False
        return True

    def claimed_client_id(self, assertion: str) -> str | None:
        """The `sub` as it stands there. Nothing is believed yet: it only says whose keys to check with."""
        try:
            return text(unverified_claims(assertion), "sub", Refusal.SUBJECT)
        except TokenRefusedError:
            return None

    def _verify(self, caller: Client | ResourceServer, assertion: str, at: datetime, *, beside_code: bool) -> None:
        name, rules = _name(caller), caller.rules if isinstance(caller, Client) else OF_SOURCES
        if not caller.active:
            raise TokenRefusedError(Refusal.INACTIVE)
        header = header_of(assertion)
        check_type(header, _TYPES)
        algorithms = rules.assertion_algorithms
        if isinstance(caller, Client) and caller.token_endpoint_auth_signing_alg:
            algorithms = (caller.token_endpoint_auth_signing_alg,)
        claims = self._signatures.claims(caller, assertion, header, algorithms)
        if claims.get("iss") != name:
            raise TokenRefusedError(Refusal.ISSUER)
        if claims.get("sub") != name:
            raise TokenRefusedError(Refusal.SUBJECT)
        if not _all_ours(claims.get("aud"), self._audiences[rules.assertion_audience], rules):
            raise TokenRefusedError(Refusal.AUDIENCE)
        expires = _expiry(claims, at.timestamp(), rules)
        jti = _once(claims, assertion, rules)
        # Last, so that only a good assertion uses its `jti` up.
        if self._replay.first_use(f"client_assertion:{name}", jti, expires, at):
            return
        if "jti" in claims or not beside_code:
            raise TokenRefusedError(Refusal.REPLAY)
        self._log.info("client_assertion_shared", client_id=name)


def _name(caller: Client | ResourceServer) -> str:
    return caller.client_id if isinstance(caller, Client) else caller.identifier


def _all_ours(audience: object, ours: Sequence[str], rules: Rules) -> bool:
    """Whether it is meant for this server and nobody else: what is meant for others too may be replayed here.

    A list may name this server in more than one way, as libraries do that are to suit every server. Where it has to be
    the issuer, a list won't do (FAPI 2.0 Security Profile section 5.3.2.1).
    """
    if isinstance(audience, list) and rules.assertion_audience is not Audience.ISSUER:
        return bool(audience) and all(each in ours for each in audience)
    return audience in ours


def _once(claims: Mapping[str, object], assertion: str, rules: Rules) -> str:
    """What it is known by when it comes again.

    Without a `jti` that is what was signed, and not the signature: that can be written in more than one way.
    """
    if "jti" in claims or rules.assertion_jti is Demand.REQUIRED:
        return text(claims, "jti", Refusal.JTI)
    signed, _, _ = assertion.rpartition(".")
    return f"sha-256:{hashlib.sha256(signed.encode()).hexdigest()}"


def _expiry(claims: Mapping[str, object], now: float, rules: Rules) -> datetime:
    """Its end. Its life counts from `iat`; where that may be missing, from `nbf`.

    Where both are missing it counts from now, by a clock that may be ahead. Only one with a `jti` may lack both: what
    was signed without any of them is the same text each time.
    """
    expires = numeric_date(claims, "exp")
    begins = numeric_date(claims, "nbf") if "nbf" in claims else now
    if "iat" in claims or rules.assertion_iat is Demand.REQUIRED:
        issued = numeric_date(claims, "iat")
    elif "nbf" in claims or "jti" not in claims:
        issued = numeric_date(claims, "nbf")
    else:
        issued = now + CLOCK_SKEW
    if max(issued, begins) > now + CLOCK_SKEW or not now < expires <= issued + rules.longest_assertion:
        raise TokenRefusedError(Refusal.TIME)
    return datetime.fromtimestamp(expires, UTC)
