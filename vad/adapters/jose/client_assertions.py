"""Client authentication by `private_key_jwt` (OIDC Core section 9, RFC 7523 section 3)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import algorithm_of, header_of, kid_of, numeric_date, text, unverified_claims, verified
from vad.adapters.jose.public_keys import PublicKeys
from vad.adapters.jose.published_keys import PublishedKeys
from vad.domain.client import Client, Jwk, Profile, ResourceServer
from vad.services.ports.volatile import ReplayGuard

ALGORITHMS: Mapping[Profile, tuple[str, ...]] = {Profile.NLGOV: ("ES256", "PS256", "RS256", "EdDSA")}
LONGEST_LIFE = 300
"""Seconds between `iat` and `exp`."""
CLOCK_SKEW = 60
"""Seconds that a client's clock may be ahead. The end of an assertion has no leeway."""


class JwtClientAssertions:
    """`vad.services.ports.tokens.ClientAssertions`. Keys come from the registration, or from where that says."""

    def __init__(self, issuer: str, token_endpoint: str, replay: ReplayGuard, published: PublishedKeys) -> None:
        self._published = published
        self._audiences = (token_endpoint, issuer)
        self._replay = replay
        self._keys = PublicKeys()
        self._log = structlog.get_logger(__name__)

    def verify(self, caller: Client | ResourceServer, assertion: str, at: datetime) -> bool:
        """Also raises `StoreUnavailableError`: what can't be checked for replay proves nothing.

        And `RegisterUnavailableError`, where the client publishes its keys itself and they can't be had.
        """
        try:
            self._verify(caller, assertion, at)
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

    def _verify(self, caller: Client | ResourceServer, assertion: str, at: datetime) -> None:
        name, profile = _name(caller), caller.profile if isinstance(caller, Client) else Profile.NLGOV
        if not caller.active:
            raise TokenRefusedError(Refusal.INACTIVE)
        header = header_of(assertion)
        claims = self._claims(caller, assertion, algorithm_of(header, ALGORITHMS[profile]), kid_of(header))
        if claims.get("iss") != name:
            raise TokenRefusedError(Refusal.ISSUER)
        if claims.get("sub") != name:
            raise TokenRefusedError(Refusal.SUBJECT)
        if _single(claims.get("aud")) not in self._audiences:
            raise TokenRefusedError(Refusal.AUDIENCE)
        expires = _expiry(claims, at.timestamp())
        jti = text(claims, "jti", Refusal.JTI)
        # Last, so that only a good assertion uses its `jti` up.
        if not self._replay.first_use(f"client_assertion:{name}", jti, expires, at):
            raise TokenRefusedError(Refusal.REPLAY)

    def _claims(
        self, caller: Client | ResourceServer, assertion: str, algorithm: str, kid: str | None
    ) -> Mapping[str, object]:
        """What it says, its signature checked; with newer keys where none of those known is named so."""

        def opened(jwks: Sequence[Jwk]) -> Mapping[str, object]:
            return verified(assertion, self._keys.verifying(jwks, algorithm=algorithm, kid=kid), algorithm)

        if not isinstance(caller, Client) or not caller.jwks_uri:
            return opened(caller.jwks)
        known = self._published.get(caller)
        try:
            return opened(known)
        except TokenRefusedError as error:
            newer = self._published.newer_than(caller, known) if error.reason is Refusal.UNKNOWN_KEY else None
            if newer is None:
                raise
        return opened(newer)


def _name(caller: Client | ResourceServer) -> str:
    return caller.client_id if isinstance(caller, Client) else caller.identifier


def _single(audience: object) -> object:
    """One audience, as a string or as the only member of a list: what is meant for others too may be replayed here."""
    if isinstance(audience, list) and len(audience) == 1:
        return audience[0]
    return audience


def _expiry(claims: Mapping[str, object], now: float) -> datetime:
    issued, expires = numeric_date(claims, "iat"), numeric_date(claims, "exp")
    begins = numeric_date(claims, "nbf") if "nbf" in claims else issued
    if max(issued, begins) > now + CLOCK_SKEW or not now < expires <= issued + LONGEST_LIFE:
        raise TokenRefusedError(Refusal.TIME)
    return datetime.fromtimestamp(expires, UTC)
