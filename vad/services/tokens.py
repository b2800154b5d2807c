"""The token endpoint's own grants: redeeming a code, and refreshing (RFC 6749 sections 4.1.3 and 6)."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.access import DenyReason, Permit
from vad.domain.audit import GrantRevoked
from vad.domain.claims import scope_of
from vad.domain.client import Client, ResourceServer
from vad.domain.errors import AccessDeniedError, ProtocolError, RegisterUnavailableError
from vad.domain.grant import Grant, RefreshUse
from vad.services import denials
from vad.services.issuing import Issuing, Minted, issued, refused
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import Handles
from vad.services.ports.volatile import AuthorizationCode, Codes, ReplayGuard, Sessions

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
"""RFC 7636 section 4.1."""

CODE = "authorization_code"
REFRESH = "refresh_token"

_REMEMBERED = timedelta(seconds=120)
"""Much longer than redeeming a code takes."""

SECURITY_ALERT = "security-alert"
"""The outbox kind by which operators hear that a single-use value was used twice."""


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """The answer of the token endpoint (RFC 6749 section 5.1)."""

    access_token: str
    expires_in: int
    """Seconds."""
    scope: str
    id_token: str | None = None
    refresh_token: str | None = None


@dataclass(frozen=True, slots=True)
class CodeRedemption:
    """What the client sent with a code."""

    code: str
    redirect_uri: str
    code_verifier: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """What the client sent with a refresh token."""

    refresh_token: str
    resources: tuple[str, ...]
    scope: str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """One token that a client asks of a grant."""

    client: Client
    grant: Grant
    source: ResourceServer | None
    scope: str | None
    grant_type: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """The use cases."""

    work: UnitOfWorkFactory
    issuing: Issuing
    codes: Codes
    sessions: Sessions
    handles: Handles
    replay: ReplayGuard

    def redeem(self, client: Client, redemption: CodeRedemption, at: datetime) -> TokenResponse:
        """Swap a code for tokens. Raises `ProtocolError`, `RegisterUnavailableError`.

        The code is spent by the first authentic client that presents it, whatever else is wrong. One that was spent
        before takes back all that it gave (RFC 9700 section 4.5).
        """
        code = self.codes.redeem(redemption.code, client.client_id)
        if code is None:
            self._seen_before(client, redemption.code, at)
            self._revoke_if_spent(redemption.code, at)
            raise ProtocolError("invalid_grant", "the code is unknown, expired or used")
        _check_binding(code, redemption)
        grant = code.grant
        self._check_login(grant)
        source = self.issuing.source(grant, redemption.resources)
        asked = Asked(client, grant, source, None, CODE)
        minted = mint_or_record(self.issuing, self.work, asked, at)
        login = minted.permit if source is None else self._login_permit(asked, at)
        id_token = self.issuing.id_token(login, grant, code.nonce, minted.token, at)
        with self.work() as tx:
            if not tx.grants.add(grant):
                raise ProtocolError("invalid_grant", "the code is used", detail="code hash known to PostgreSQL")
            tx.audit.append(issued(minted, grant, CODE), at=at)
            tx.commit()
        if self._seen_before(client, redemption.code, at):
            # Somebody else came with it while this was under way, too early to find the grant.
            self._revoke(grant, "code_reused", at)
        self._check_login(grant)
        refresh_token = self.handles.refresh_token(grant.grant_id, 0) if REFRESH in client.grant_types else None
        return _response(minted, id_token=id_token, refresh_token=refresh_token)

    def refresh(self, client: Client, request: RefreshRequest, at: datetime) -> TokenResponse:
        """Swap a refresh token for a new access token and its successor. Raises as `redeem` does.

        A token that was used before takes the whole grant back, unless it is the last one, repeated within 30 s: then
        the same successor leaves again, never a second branch.
        """
        named = self.handles.read_refresh_token(request.refresh_token)
        if named is None:
            raise ProtocolError("invalid_grant", "the refresh token is not valid")
        grant_id, generation = named
        with self.work() as tx:
            grant = tx.grants.get(grant_id)
        if grant is None or grant.client_id != client.client_id or not grant.live(at):
            raise ProtocolError("invalid_grant", "the refresh token is not valid any more")
        use = grant.refresh_use(generation, at)
        if use is RefreshUse.REUSE:
            self._revoke(grant, "refresh_token_reused", at)
            raise ProtocolError("invalid_grant", "the refresh token was used before")
        source = self.issuing.source(grant, request.resources)
        minted = mint_or_record(self.issuing, self.work, Asked(client, grant, source, request.scope, REFRESH), at)
        with self.work() as tx:
            # Losing this race means that a twin of this very request, seconds ago at most, has rotated: a retry.
            if use is RefreshUse.ROTATE and not tx.grants.rotate_refresh(grant_id, generation, at):
                current = tx.grants.get(grant_id)
                if current is None or not current.live(at) or current.refresh_use(generation, at) != RefreshUse.RETRY:
                    raise ProtocolError("invalid_grant", "the refresh token is not valid any more")
            tx.audit.append(issued(minted, grant, REFRESH), at=at)
            tx.commit()
        return _response(minted, refresh_token=self.handles.refresh_token(grant_id, generation + 1))

    def _check_login(self, grant: Grant) -> None:
        """Raise `invalid_grant` when the login has ended; once more after the grant is written.

        Whoever logs out in between ends the grants that can be seen then, and this one could not.
        """
        if self.sessions.ended(grant.sid):
            with self.work() as tx:
                tx.grants.end_session(grant.sid)
                tx.commit()
            raise ProtocolError("invalid_grant", "the login behind this code has ended")

    def _login_permit(self, asked: Asked, at: datetime) -> Permit:
        """What the ID token rests on, beside a token for a source."""
        with recorded(self.work, asked, at):
            return self.issuing.permit(asked.client, asked.grant, None, asked.grant.data_services, at)[0]

    def _seen_before(self, client: Client, code: str, at: datetime) -> bool:
        """Whether this client has come with this code before.

        Whoever is refused says so before it looks for the grant; whoever wins asks after having written it. So no
        second use slips through between the two.
        """
        return not self.replay.first_use(f"code:{client.client_id}", code, at + _REMEMBERED, at)

    def _revoke_if_spent(self, code: str, at: datetime) -> None:
        with self.work() as tx:
            grant = tx.grants.by_code(self.handles.code_hash(code))
        if grant is not None:
            self._revoke(grant, "code_reused", at)

    def _revoke(self, grant: Grant, reason: str, at: datetime) -> None:
        with self.work() as tx:
            if tx.grants.revoke(grant.grant_id):
                tx.audit.append(
                    GrantRevoked(
                        actor=grant.actor,
                        represented=grant.subject,
                        client_id=grant.client_id,
                        sid=grant.sid,
                        grant_id=grant.grant_id,
                        reason=reason,
                    ),
                    at=at,
                )
                tx.outbox.add(
                    SECURITY_ALERT,
                    {"reason": reason, "client_id": grant.client_id, "grant_id": str(grant.grant_id)},
                    at,
                )
            tx.commit()


def mint_or_record(issuing: Issuing, work: UnitOfWorkFactory, asked: Asked, at: datetime) -> Minted:
    """Decide and sign; a refusal leaves its event before the error does."""
    with recorded(work, asked, at):
        services = issuing.services(asked.grant, asked.source, asked.scope)
        permit, bsn = issuing.permit(asked.client, asked.grant, asked.source, services, at)
        return issuing.mint(permit, asked.grant, bsn, at)


@contextmanager
def recorded(work: UnitOfWorkFactory, asked: Asked, at: datetime) -> Iterator[None]:
    """Turn a refusal inside into the error of the token endpoint, after its event has committed."""
    try:
        yield
    except AccessDeniedError as denied:
        _record(work, asked, denied.reason, at)
        raise denials.at_token(DenyReason(denied.reason)) from denied
    except RegisterUnavailableError:
        _record(work, asked, "REGISTER_UNAVAILABLE", at)
        raise


def _record(work: UnitOfWorkFactory, asked: Asked, reason: str, at: datetime) -> None:
    with work() as tx:
        tx.audit.append(refused(asked.grant, reason, asked.source, asked.grant_type), at=at)
        tx.commit()


def _check_binding(code: AuthorizationCode, redemption: CodeRedemption) -> None:
    """The redirect URI and the PKCE verifier must be those of the authorization request (RFC 7636 section 4.6)."""
    if not hmac.compare_digest(redemption.redirect_uri.encode(), code.redirect_uri.encode()):
        raise ProtocolError("invalid_grant", "the redirect_uri differs from that of the authorization request")
    if _VERIFIER.fullmatch(redemption.code_verifier) is None:
        raise ProtocolError("invalid_grant", "the code_verifier is malformed")
    digest = hashlib.sha256(redemption.code_verifier.encode("ascii")).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
    if not hmac.compare_digest(challenge.encode(), code.code_challenge.encode()):
        raise ProtocolError("invalid_grant", "the code_verifier does not fit the code_challenge")


def _response(minted: Minted, *, id_token: str | None = None, refresh_token: str | None = None) -> TokenResponse:
    return TokenResponse(minted.token, minted.expires_in, scope_of(minted.permit), id_token, refresh_token)
