"""Binding an account of staff to the person whose it is, with that person's own DigiD, once (rule 44)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vad.domain.assurance import LevelOfAssurance
from vad.domain.errors import LoginFailedError, RegisterUnavailableError, StaleFlowError
from vad.domain.identifiers import StaffId
from vad.domain.staff_events import StaffEnrolled, StaffEnrolmentFailed
from vad.domain.staff_session import EnrolmentFailure, StaffAccount, StaffSession
from vad.services.ports.outside import ActingIdentity, Identity, IdentityProvider
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.staff import StaffSessions
from vad.services.ports.tokens import Handles, Randomness
from vad.services.ports.volatile import PendingLogin, PendingLogins

_MINIMUM = LevelOfAssurance.SUBSTANTIEEL


@dataclass(frozen=True, slots=True)
class EnrolmentResult:
    """What a visit to DigiD came to. Both cookies are new after a success."""

    page: str
    failure: EnrolmentFailure | None = None
    flow_cookie: str | None = None
    session_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class StaffEnrolment:
    """The use case. DigiD knows a callback of its own for it."""

    work: UnitOfWorkFactory
    digid: IdentityProvider
    pending: PendingLogins
    sessions: StaffSessions
    handles: Handles
    random: Randomness

    def begin(self, flow_cookie: str, at: datetime, *, language: str, page: str) -> str:
        """Where to send the browser of somebody who is logged in with an account that nobody has claimed yet."""
        login = PendingLogin(
            state=self.random.token(),
            nonce=self.random.token(),
            code_verifier=self.random.token(),
            browser=self.handles.browser(flow_cookie),
            minimum=_MINIMUM,
            began_at=at,
            flow=None,
            language=language,
            page=page,
        )
        address = self.digid.begin(login)
        self.pending.add(login)
        return address

    def complete(
        self, response: Mapping[str, str], flow_cookie: str | None, session_cookie: str | None, at: datetime
    ) -> EnrolmentResult:
        """Take what DigiD sent back.

        Raises `StaleFlowError` when this browser is not the one that went, came back before, or is not logged in with
        an account that still has to be claimed.
        """
        session = self.sessions.touch(session_cookie, at) if session_cookie else None
        if flow_cookie is None or session_cookie is None or session is None or session.account is not None:
            raise StaleFlowError("nobody to enrol")
        login = self.pending.take(response.get("state", ""), self.handles.browser(flow_cookie))
        if login is None:
            raise StaleFlowError("unknown state, or another browser")
        try:
            identity = self.digid.complete(login, response, at)
        except LoginFailedError as error:
            return self._failed(login, session, EnrolmentFailure(error.failure.value), at)
        except RegisterUnavailableError:
            return self._failed(login, session, EnrolmentFailure.UNAVAILABLE, at)
        if isinstance(identity, ActingIdentity):
            return self._failed(login, session, EnrolmentFailure.REPRESENTING, at)
        account = self._claimed(session, identity, at)
        result = EnrolmentResult(login.page, None, self.random.token(), self.random.token())
        self.sessions.add(result.session_cookie or "", session.of(account))
        self.sessions.remove(session_cookie)
        return result

    def _claimed(self, session: StaffSession, identity: Identity, at: datetime) -> StaffAccount:
        """Write down whose account it is. Of two who do so at once with one account, the first is right."""
        with self.work() as tx:
            person = tx.persons.find_or_add(identity.bsn, at)
            account = StaffAccount(
                StaffId(self.random.uuid()), session.issuer, session.subject, person.person_id, enrolled_at=at
            )
            if not tx.staff_accounts.add(account):
                raise StaleFlowError("somebody has claimed this account")
            tx.audit.append(
                StaffEnrolled(
                    staff=account.account,
                    represented=account.person,
                    sid=session.sid,
                    evidence={"acr": identity.level.uri, "identity_provider": "digid"},
                ),
                at=at,
            )
            tx.commit()
        return account

    def _failed(
        self, login: PendingLogin, session: StaffSession, failure: EnrolmentFailure, at: datetime
    ) -> EnrolmentResult:
        with self.work() as tx:
            tx.audit.append(StaffEnrolmentFailed(sid=session.sid, reason=failure.value), at=at)
            tx.commit()
        return EnrolmentResult(login.page, failure)
