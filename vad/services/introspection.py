"""Whether a token is still worth something (RFC 7662): asked of the grant and all that it rests on, every time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vad.domain import claims
from vad.domain.access import AccessDeniedError
from vad.domain.authorization_details import granted
from vad.domain.client import Client, ResourceServer
from vad.domain.errors import ProtocolError
from vad.domain.grant import RefreshUse
from vad.domain.possession import Possession
from vad.services.issuing import BEARER, DPOP, Allowed, Issuing
from vad.services.ports.records import GrantStanding, Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, TokenVerifier, VerifiedAccessToken
from vad.services.token_requests import TokenRequest

_TOLD = ("iss", "aud", "client_id", "sub", "act", "scope", "acr", "auth_time", "iat", "nbf", "exp", "jti", "cnf")
_ASKED_BY = "introspection"


@dataclass(frozen=True, slots=True)
class Living:
    """An access token that holds now."""

    token: VerifiedAccessToken
    standing: GrantStanding
    allowed: Allowed


@dataclass(frozen=True, slots=True)
class LivingTokens:
    """Finds out whether an access token holds now. Introspection and userinfo ask here."""

    issuer: str
    work: UnitOfWorkFactory
    registrations: Registrations
    issuing: Issuing
    verifier: TokenVerifier
    handles: Handles

    def living(self, token: str, at: datetime) -> Living | None:
        """None when it is not VAD's, over, or the decision would go against it today."""
        verified = self.verifier.access_token(token, at)
        return None if verified is None else self.still(verified, at)

    def presented(self, token: str, held: Possession, at: datetime) -> Living | None:
        """The issuer's own token as its app presents it, which proves to hold what it is bound to; None otherwise."""
        verified = self.verifier.own_access_token(token, at)
        if verified is None or not held.opens(verified.jkt, verified.certificate):
            return None
        return self.still(verified, at)

    def still(self, verified: VerifiedAccessToken, at: datetime) -> Living | None:
        """The same for a token that has been verified."""
        grant_id = self.handles.grant_of(verified.jti)
        if grant_id is None:
            return None
        with self.work() as tx:
            standing = tx.standings.of(grant_id)
        # Only now: the trip brought word of registrations that changed since.
        client = self.registrations.client(verified.client_id)
        own = verified.audience == self.issuer
        source = None if own else self.registrations.resource_server(verified.audience)
        if standing is None or client is None or (source is None and not own):
            return None
        if standing.grant.client_id != client.client_id:
            return None
        request = TokenRequest(client, standing.grant, source, " ".join(sorted(verified.scope)), _ASKED_BY)
        try:
            return Living(verified, standing, self.issuing.decide(request, standing, at))
        except (AccessDeniedError, ProtocolError):
            return None


@dataclass(frozen=True, slots=True)
class Introspection:
    """The use case. Whoever asks about a token that is not theirs hears the same as about none at all."""

    tokens: LivingTokens

    def introspect(self, caller: Client | ResourceServer, token: str, at: datetime) -> Mapping[str, object]:
        """The introspection response (RFC 7662 section 2.2)."""
        verified = self.tokens.verifier.access_token(token, at)
        if verified is None:
            return self._refresh_token(caller, token, at)
        if not _theirs(caller, verified):
            return _INACTIVE
        living = self.tokens.still(verified, at)
        return _INACTIVE if living is None else _active(caller, living)

    def _refresh_token(self, caller: Client | ResourceServer, token: str, at: datetime) -> Mapping[str, object]:
        """A refresh token is its own client's business alone."""
        named = self.tokens.handles.read_refresh_token(token) if isinstance(caller, Client) else None
        if named is None or not isinstance(caller, Client):
            return _INACTIVE
        grant_id, generation = named
        with self.tokens.work() as tx:
            standing = tx.standings.of(grant_id)
        if standing is None or standing.grant.client_id != caller.client_id:
            return _INACTIVE
        grant = standing.grant
        try:
            allowed = self.tokens.issuing.decide(TokenRequest(caller, grant, None, None, _ASKED_BY), standing, at)
        except (AccessDeniedError, ProtocolError):
            return _INACTIVE
        if grant.refresh_use(generation, at) is not RefreshUse.ROTATE:
            return _INACTIVE
        return {
            "active": True,
            "iss": self.tokens.issuer,
            "client_id": caller.client_id,
            "scope": claims.told_scope(allowed.permit),
            "exp": int(grant.session_ends_at.timestamp()),
            "acr": allowed.permit.request.level.uri,
            "auth_time": int(grant.auth_time.timestamp()),
            **_granted(allowed, grant.resources),
        }


_INACTIVE: Mapping[str, object] = {"active": False}


def _theirs(caller: Client | ResourceServer, token: VerifiedAccessToken) -> bool:
    if isinstance(caller, Client):
        return token.client_id == caller.client_id
    return token.audience == caller.identifier


def _active(caller: Client | ResourceServer, living: Living) -> Mapping[str, object]:
    claims = living.token.claims
    # The identifier is sealed to the source: worth nothing to anybody else.
    own = () if isinstance(caller, Client) else ("subject_identifier",)
    told = (*_TOLD, "authorization_details", *own)
    kind = DPOP if living.token.jkt else BEARER
    content = {name: claims[name] for name in told if name in claims}
    if isinstance(caller, Client) and "authorization_details" not in content:
        content |= _granted(living.allowed, living.standing.grant.resources)
    return {"active": True, "token_type": kind, **content}


def _granted(allowed: Allowed, resources: Sequence[str]) -> Mapping[str, object]:
    """What VAD's own token, or a refresh token, can still be swapped for (RFC 9396 section 9.2)."""
    return {"authorization_details": granted(allowed.permit.basis, resources)} if resources else {}
