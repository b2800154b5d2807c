"""The token endpoint's own grants: redeeming a code, and refreshing (RFC 6749 sections 4.1.3 and 6)."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.access import Permit
from vad.domain.audit import AuditEvent, GrantCreated, GrantRevoked
from vad.domain.client import Client
from vad.domain.dpop import DpopProofError
from vad.domain.errors import CodeSpentError, ProtocolError, UnavailableError
from vad.domain.grant import Grant, RefreshUse
from vad.domain.ground import Basis
from vad.domain.possession import NOTHING, Possession, bound, bound_anew
from vad.domain.profile import Demand
from vad.services import code_binding
from vad.services.attempts import Attempt, recorded
from vad.services.denials import Refusal, refusal
from vad.services.issuing import CODE, Issuing, Minted, TokenResponse, issued
from vad.services.ports.conditions import GrantMade, RefreshRotated
from vad.services.ports.records import GrantStanding, UnitOfWorkFactory
from vad.services.ports.tokens import Handles
from vad.services.ports.volatile import AuthorizationCode, Codes, Sessions
from vad.services.time_limit import TO_TAKE_BACK, at_least
from vad.services.token_requests import TokenRequest

REFRESH = "refresh_token"

SECURITY_ALERT = "security-alert"
"""The outbox kind by which operators hear that a single-use value was used twice."""


@dataclass(frozen=True, slots=True)
class CodeRedemption:
    """What the client sent with a code."""

    code: str
    redirect_uri: str
    code_verifier: str
    """Empty where none came."""
    resources: tuple[str, ...]
    held: Possession = NOTHING
    """What the client proved to hold."""
    basis: Basis | None = None
    """The one ground on which the client takes a token (RFC 9396). None: whichever it is."""


@dataclass(frozen=True, slots=True)
class RefreshRequest:
    """What the client sent with a refresh token."""

    refresh_token: str
    resources: tuple[str, ...]
    scope: str | None
    held: Possession = NOTHING
    """What the client proved to hold."""
    basis: Basis | None = None
    """The one ground on which the client takes a token (RFC 9396). None: whichever it is."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The use cases."""

    work: UnitOfWorkFactory
    issuing: Issuing
    codes: Codes
    sessions: Sessions
    handles: Handles

    def refuse(self, client: Client, grant_type: str, error: ProtocolError, at: datetime) -> None:
        """Raise this error, found in the form of an authenticated client's request, with its event."""
        with recorded(self.work, Attempt(client, grant_type), at):
            raise error

    def shows(self, client: Client, code: str, code_verifier: str) -> bool:
        """Whether this is a living code of this client, with the verifier of its challenge. Nothing is spent."""
        held = self.codes.look(code, client.client_id) if code and code_verifier else None
        return held is not None and code_binding.verifies(held, code_verifier)

    def redeem(self, client: Client, redemption: CodeRedemption, at: datetime) -> TokenResponse:
        """Swap a code for tokens. Raises `ProtocolError`, `CodeSpentError`.

        The code is spent by the first authentic client that presents it, whatever else is wrong. One that was spent
        before takes back all that it gave (RFC 9700 section 4.5).

        Grant and token are written together, unless a register must be asked for the token. Then the grant comes first:
        whatever happens while the register takes its time, a second use of the code and a log-out included, finds the
        grant and stops it.
        """
        attempt = Attempt(client, CODE)
        with recorded(self.work, attempt, at):
            code = self._taken(attempt, redemption, at)
            try:
                minted, id_token = self._redeemed(attempt, code, redemption, at)
            except UnavailableError as error:
                self._give_up(code.grant, at)
                raise CodeSpentError("a store or a register is away, and the code is spent") from error
        refresh_token = self.handles.refresh_token(code.grant.grant_id, 0) if REFRESH in client.grant_types else None
        return minted.response(id_token=id_token, refresh_token=refresh_token)

    def refresh(self, client: Client, request: RefreshRequest, at: datetime) -> TokenResponse:
        """Swap a refresh token for a new access token and its successor. Raises `ProtocolError`, `UnavailableError`.

        A token that was used before takes the whole grant back, unless it is the last one, repeated within 30 s: then
        the same successor leaves again, to the same key, never a second branch. Where the client's profile wants no
        successors, the same token stays good: it is bound to the client.
        """
        attempt = Attempt(client, REFRESH)
        with recorded(self.work, attempt, at):
            standing, generation = self._refreshed(attempt, request.refresh_token, at)
            known = standing.grant
            again = known.refresh_use(generation, at) is RefreshUse.RETRY
            grant = (bound if again else bound_anew)(known, client, request.held)
            source = self.issuing.source(attempt, grant, request.resources)
            asked = TokenRequest(client, grant, source, request.scope, REFRESH, request.basis)
            minted = self.issuing.mint(self.issuing.decide(asked, standing, at), grant, at)
            event = issued(minted, grant, REFRESH)
            if grant.confirmation and client.rules.refresh_rotation is Demand.REFUSED:
                self.issuing.commit(minted, asked, at)
                return minted.response(refresh_token=request.refresh_token)
            with self.work() as tx:
                tx.audit.append(event, at=at)
                jkt = grant.jkt if known.jkt else ""
                rotated = tx.commit_if(RefreshRotated(grant.grant_id, generation, at, minted.carried, jkt))
            if not rotated:
                self._retried(asked, generation, minted.permit, event, at)
        return minted.response(refresh_token=self.handles.refresh_token(grant.grant_id, generation + 1))

    def _taken(self, attempt: Attempt, redemption: CodeRedemption, at: datetime) -> AuthorizationCode:
        """What the code stands for; it is spent from now on. One that was spent takes back what it gave."""
        code = self.codes.redeem(redemption.code, attempt.client.client_id)
        if code is not None:
            attempt.grant = code.grant
            return code
        # Before it looks for the grant. Whoever won asks after having written it, so no second use slips through.
        self.codes.seen_before(redemption.code, attempt.client.client_id)
        with self.work() as tx:
            grant = tx.grants.by_code(self.handles.code_hash(redemption.code))
        if grant is None or grant.client_id != attempt.client.client_id:
            # Of another client it is nobody's here: who found it somewhere can't take away what that one was given.
            raise refusal(Refusal.CODE_UNKNOWN)
        attempt.grant = grant
        self._revoke(grant, "code_reused", at, alert=True)
        raise refusal(Refusal.CODE_USED)

    def _redeemed(
        self, attempt: Attempt, code: AuthorizationCode, redemption: CodeRedemption, at: datetime
    ) -> tuple[Minted, str | None]:
        """The access token of a code that was taken, and the ID token where the app asked who logs in."""
        code_binding.check(code, redemption.redirect_uri, redemption.code_verifier)
        grant = attempt.grant = bound(code.grant, attempt.client, redemption.held)
        self._check_login(grant)
        standing = self.issuing.standing_of(grant)
        source = self.issuing.source(attempt, grant, redemption.resources)
        asked = TokenRequest(attempt.client, grant, source, None, CODE, redemption.basis)
        allowed = self.issuing.decide(asked, standing, at)
        login = allowed if source is None else self.issuing.decide(replace(asked, source=None), standing, at)
        lasting = self.issuing.asks_register(source)
        if lasting:
            self._write(grant, redemption.code, at)
        minted = self.issuing.mint(allowed, grant, at)
        id_token = None
        if grant.openid:
            id_token = self.issuing.id_token(standing.person, login.permit, grant, code, minted.token, at)
        if lasting:
            self.issuing.commit(minted, asked, at)
        else:
            self._write(grant, redemption.code, at, minted)
        return minted, id_token

    def _give_up(self, grant: Grant, at: datetime) -> None:
        """A grant that can't give its first token gives none; where even that can't be written, it ends by time."""
        with suppress(UnavailableError):
            self._revoke(grant, "register_unavailable", at, alert=False)

    def _retried(self, asked: TokenRequest, generation: int, permit: Permit, event: AuditEvent, at: datetime) -> None:
        """Give the same answer again, if it was a twin of this very request that was first, seconds ago at most.

        Everything of ours is looked at again, the stop of a consent included; no register is asked while the grant is
        held. A twin with another key is none. Raises `ProtocolError`, `AccessDeniedError`.
        """
        grant_id = asked.grant.grant_id
        with self.work() as tx:
            current, standing = tx.grants.hold(grant_id), tx.standings.of(grant_id)
            if current is None or standing is None or not current.live(at):
                raise refusal(Refusal.GRANT_ENDED)
            self.issuing.decide(asked, standing, at, permit)
            retry = current.refresh_use(generation, at) is RefreshUse.RETRY
            if retry and current.jkt not in {"", asked.grant.jkt}:
                raise DpopProofError
            if retry:
                tx.audit.append(event, at=at)
                tx.commit()
        if not retry:
            self._revoke(current, "refresh_token_reused", at, alert=True)
            raise refusal(Refusal.REFRESH_TOKEN_USED)

    def _write(self, grant: Grant, code: str, at: datetime, minted: Minted | None = None) -> None:
        """Make the grant, and end it at once if its code was used again, or its login ended, too early to find it.

        With the token that was `minted` from it, if it could be at once.
        """
        more = () if minted is None else (issued(minted, grant, CODE),)
        with self.work() as tx:
            tx.audit.append(_event(GrantCreated, grant), *more, at=at)
            made = tx.commit_if(GrantMade(grant, at, None if minted is None else minted.carried))
        if not made:
            self._refuse_unmade(grant, minted, at)
        afterwards = self.codes.afterwards(code, grant.client_id, grant.sid)
        if afterwards.seen_before:
            self._revoke(grant, "code_reused", at, alert=True)
        if afterwards.login_ended:
            self._refuse_ended(grant)

    def _refuse_unmade(self, grant: Grant, minted: Minted | None, at: datetime) -> None:
        """Say why a grant could not be made: its consent was stopped this moment, or its code made one before.

        The latter takes back what it made (RFC 9700 section 4.5), though Redis did not know of it any more.
        """
        if minted is not None:
            request = minted.permit.request
            asked = TokenRequest(request.client, grant, request.source, None, CODE)
            self.issuing.decide(asked, self.issuing.standing_of(grant), at)
        with self.work() as tx:
            known = tx.grants.by_code(grant.code_hash)
        if known is not None:
            self._revoke(known, "code_reused", at, alert=True)
        raise refusal(Refusal.CODE_USED)

    def _refreshed(self, attempt: Attempt, token: str, at: datetime) -> tuple[GrantStanding, int]:
        """The live grant behind a refresh token that may be used, and the token's generation."""
        named = self.handles.read_refresh_token(token)
        if named is None:
            raise refusal(Refusal.REFRESH_TOKEN_UNKNOWN)
        grant_id, generation = named
        with self.work() as tx:
            standing = tx.standings.of(grant_id)
        if standing is None:
            raise refusal(Refusal.REFRESH_TOKEN_UNKNOWN)
        attempt.grant = grant = standing.grant
        if grant.client_id != attempt.client.client_id:
            raise refusal(Refusal.REFRESH_TOKEN_FOREIGN)
        if not grant.live(at):
            raise refusal(Refusal.GRANT_ENDED)
        if grant.refresh_use(generation, at) is RefreshUse.REUSE:
            self._revoke(grant, "refresh_token_reused", at, alert=True)
            raise refusal(Refusal.REFRESH_TOKEN_USED)
        return standing, generation

    def _check_login(self, grant: Grant) -> None:
        """Raise `invalid_grant` when the login has ended; it is asked once more after the grant is written.

        Whoever logs out in between ends the grants that can be seen then, and this one could not.
        """
        if self.sessions.ended(grant.sid):
            self._refuse_ended(grant)

    def _refuse_ended(self, grant: Grant) -> None:
        with self.work() as tx:
            tx.grants.end_session(grant.sid)
            tx.commit()
        raise refusal(Refusal.LOGIN_ENDED)

    def _revoke(self, grant: Grant, reason: str, at: datetime, *, alert: bool) -> None:
        """Take a grant back, with its event; `alert` the operators where somebody may have stolen something."""
        with at_least(TO_TAKE_BACK), self.work() as tx:
            if tx.grants.revoke(grant.grant_id):
                tx.audit.append(_event(GrantRevoked, grant, reason), at=at)
                if alert:
                    told = {"reason": reason, "client_id": grant.client_id, "grant_id": str(grant.grant_id)}
                    tx.outbox.add(SECURITY_ALERT, told, at)
            tx.commit()


def _event(kind: type[AuditEvent], grant: Grant, reason: str | None = None) -> AuditEvent:
    return kind(
        actor=grant.actor,
        represented=grant.subject,
        client_id=grant.client_id,
        sid=grant.sid,
        grant_id=grant.grant_id,
        reason=reason,
    )
