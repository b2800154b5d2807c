"""Staff log in at an identity provider of their own, and out again (rule 44)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.errors import LoginFailedError, RegisterUnavailableError, StaleFlowError
from vad.domain.identifiers import Sid
from vad.domain.staff_events import StaffLoggedIn, StaffLoggedOut, StaffLoginFailed
from vad.domain.staff_session import ABSOLUTE_LIFE, StaffAccount, StaffLoginFailure, StaffSession
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.staff import (
    PendingStaffLogin,
    PendingStaffLogins,
    StaffIdentity,
    StaffIdentityProvider,
    StaffSessions,
)
from vad.services.ports.tokens import Handles, Randomness


@dataclass(frozen=True, slots=True)
class StaffLoginResult:
    """What a visit to the identity provider came to. Both cookies are new after a success, gone after a failure."""

    page: str
    failure: StaffLoginFailure | None = None
    flow_cookie: str | None = None
    session_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class StaffLogin:
    """The use case."""

    work: UnitOfWorkFactory
    provider: StaffIdentityProvider
    pending: PendingStaffLogins
    sessions: StaffSessions
    handles: Handles
    random: Randomness
    life: timedelta
    """How long a login lasts at most: so long may a role outlive its loss."""

    def begin(self, flow_cookie: str, at: datetime, *, language: str, page: str) -> str:
        """Where to send the browser. The visit is bound to it."""
        login = PendingStaffLogin(
            state=self.random.token(),
            nonce=self.random.token(),
            code_verifier=self.random.token(),
            browser=self.handles.browser(flow_cookie),
            began_at=at,
            language=language,
            page=page,
        )
        address = self.provider.begin(login)
        self.pending.add(login)
        return address

    def complete(
        self, response: Mapping[str, str], flow_cookie: str | None, session_cookie: str | None, at: datetime
    ) -> StaffLoginResult:
        """Take what the identity provider sent back.

        Raises `StaleFlowError` when this browser is not the one that went, or came back before. An earlier login of
        this browser ends, whatever this one comes to.
        """
        if flow_cookie is None:
            raise StaleFlowError("no flow cookie")
        login = self.pending.take(response.get("state", ""), self.handles.browser(flow_cookie))
        if login is None:
            raise StaleFlowError("unknown state, or another browser")
        try:
            identity = self.provider.complete(login, response, at)
        except LoginFailedError as error:
            return self._failed(login, session_cookie, StaffLoginFailure(error.failure.value), None, at)
        except RegisterUnavailableError:
            return self._failed(login, session_cookie, StaffLoginFailure.UNAVAILABLE, None, at)
        with self.work() as tx:
            account = tx.staff_accounts.find(identity.issuer, identity.subject)
        if not identity.roles:
            return self._failed(login, session_cookie, StaffLoginFailure.NO_ROLE, account, at)
        if account is not None and account.ended_at is not None:
            return self._failed(login, session_cookie, StaffLoginFailure.ENDED, account, at)
        return self._succeeded(login, session_cookie, identity, account, at)

    def current(self, cookie: str | None, at: datetime) -> StaffSession | None:
        """The live login of this browser; the request counts as activity. With an account that was ended it is over."""
        session = self.sessions.touch(cookie, at) if cookie else None
        if session is not None and self._ended(session):
            self.log_out(cookie, at, "account_ended")
            return None
        return session

    def peek(self, cookie: str | None, at: datetime) -> StaffSession | None:
        """The same, for what a page does by itself: no activity of anybody."""
        session = self.sessions.get(cookie) if cookie else None
        return session if session is not None and session.live(at) and not self._ended(session) else None

    def _ended(self, session: StaffSession) -> bool:
        if session.account is None:
            return False
        with self.work() as tx:
            return tx.staff_accounts.ended(session.account)

    def log_out(self, cookie: str | None, at: datetime, reason: str = "logged_out") -> None:
        """End the login of this browser. First the event: a login that could not be logged out goes on."""
        session = self.sessions.get(cookie) if cookie else None
        if cookie is None or session is None:
            return
        with self.work() as tx:
            tx.audit.append(StaffLoggedOut(staff=session.account, sid=session.sid, reason=reason), at=at)
            tx.commit()
        self.sessions.remove(cookie)

    def _failed(
        self,
        login: PendingStaffLogin,
        cookie: str | None,
        failure: StaffLoginFailure,
        account: StaffAccount | None,
        at: datetime,
    ) -> StaffLoginResult:
        with self.work() as tx:
            tx.audit.append(StaffLoginFailed(staff=account.account if account else None, reason=failure.value), at=at)
            tx.commit()
        self.log_out(cookie, at, "login_failed")
        return StaffLoginResult(login.page, failure)

    def _succeeded(
        self,
        login: PendingStaffLogin,
        cookie: str | None,
        identity: StaffIdentity,
        account: StaffAccount | None,
        at: datetime,
    ) -> StaffLoginResult:
        session = StaffSession(
            sid=Sid(self.random.token()),
            issuer=identity.issuer,
            subject=identity.subject,
            roles=identity.roles,
            auth_time=identity.auth_time,
            last_active=at,
            ends_at=identity.auth_time + min(self.life, ABSOLUTE_LIFE),
        )
        if account is not None:
            session = session.of(account)
        with self.work() as tx:
            roles = sorted(role.value for role in identity.roles)
            tx.audit.append(StaffLoggedIn(staff=session.account, sid=session.sid, evidence={"roles": roles}), at=at)
            tx.commit()
        result = StaffLoginResult(login.page, None, self.random.token(), self.random.token())
        self.sessions.add(result.session_cookie or "", session)
        self.log_out(cookie, at, "replaced")
        return result
