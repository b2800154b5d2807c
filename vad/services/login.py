"""Logging in with DigiD: begin, and complete when the person comes back (rules 34 to 38)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.age import BirthDate
from vad.domain.assurance import LevelOfAssurance
from vad.domain.audit import LoginFailed, LoginSucceeded
from vad.domain.errors import LoginFailedError, LoginFailure, RegisterUnavailableError, StaleFlowError
from vad.domain.identifiers import Sid
from vad.domain.person import Evidence
from vad.domain.session import Session
from vad.services.ports.outside import ActingIdentity, Identity, IdentityProvider, PersonRegister
from vad.services.ports.records import Person, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Randomness
from vad.services.ports.volatile import AuthorizationRequests, NameCache, PendingLogin, PendingLogins, Sessions
from vad.services.register_evidence import keep
from vad.services.sessions import SessionService


@dataclass(frozen=True, slots=True)
class Browser:
    """The cookies that one browser sent."""

    flow_cookie: str | None
    session_cookie: str | None


@dataclass(frozen=True, slots=True)
class LoginResult:
    """What a visit to DigiD came to. Both cookies are new after a success; the session's is gone after a failure."""

    flow: str | None
    failure: LoginFailure | None
    flow_cookie: str | None = None
    session_cookie: str | None = None
    page: str = ""
    """Which of VAD's own pages the person wanted; for a login without a flow."""


@dataclass(frozen=True, slots=True)
class Login:
    """The use case."""

    work: UnitOfWorkFactory
    provider: IdentityProvider
    register: PersonRegister
    names: NameCache
    pending: PendingLogins
    requests: AuthorizationRequests
    sessions: Sessions
    session_service: SessionService
    handles: Handles
    random: Randomness

    def begin(
        self,
        flow_cookie: str,
        flow: str | None,
        minimum: LevelOfAssurance,
        at: datetime,
        *,
        language: str,
        page: str = "",
    ) -> str:
        """Where to send the browser. The visit is bound to it.

        `flow` names the authorization request, if any; `page` the page of VAD's own that was asked for.
        """
        login = PendingLogin(
            state=self.random.token(),
            nonce=self.random.token(),
            code_verifier=self.random.token(),
            browser=self.handles.browser(flow_cookie),
            minimum=minimum,
            began_at=at,
            flow=flow,
            language=language,
            page=page,
        )
        address = self.provider.begin(login)
        self.pending.add(login)
        return address

    def complete(self, response: Mapping[str, str], browser: Browser, at: datetime) -> LoginResult:
        """Take what DigiD sent back.

        Raises `StaleFlowError` when this browser is not the one that went, or came back before. A failed login ends any
        session of the browser (rule 36).
        """
        if browser.flow_cookie is None:
            raise StaleFlowError("no flow cookie")
        binding = self.handles.browser(browser.flow_cookie)
        login = self.pending.take(response.get("state", ""), binding)
        if login is None:
            raise StaleFlowError("unknown state, or another browser")
        try:
            identity = self.provider.complete(login, response, at)
        except LoginFailedError as error:
            return self._failed(login, browser, error.failure, at)
        except RegisterUnavailableError:
            return self._failed(login, browser, LoginFailure.FAILED, at, reason="unavailable")
        if isinstance(identity, ActingIdentity):
            # Who may act for whom VAD asks and decides itself; read as a login of either it would be untrue.
            return self._failed(login, browser, LoginFailure.REPRESENTING, at)
        return self._succeeded(login, browser, identity, at)

    def _failed(
        self, login: PendingLogin, browser: Browser, failure: LoginFailure, at: datetime, reason: str | None = None
    ) -> LoginResult:
        old = self.sessions.get(browser.session_cookie) if browser.session_cookie else None
        request = self.requests.get(login.flow) if login.flow else None
        with self.work() as tx:
            tx.audit.append(
                LoginFailed(
                    client_id=request.client_id if request else None,
                    sid=old.sid if old else None,
                    reason=reason or failure.value,
                ),
                at=at,
            )
            tx.commit()
        if old is not None and browser.session_cookie is not None:
            self.session_service.end(browser.session_cookie, old, at, reason="login_failed")
        if request is not None:
            self.requests.keep(replace(request, login_failure=failure))
        return LoginResult(login.flow, failure, page=login.page)

    def _succeeded(self, login: PendingLogin, browser: Browser, identity: Identity, at: datetime) -> LoginResult:
        with self.work() as tx:
            person = tx.persons.find_or_add(identity.bsn, at)
            tx.commit()
        evidence = self._fresh_evidence(person, at)
        old = self.sessions.get(browser.session_cookie) if browser.session_cookie else None
        if old is not None and browser.session_cookie is not None and old.person_id != person.person_id:
            self.session_service.end(browser.session_cookie, old, at, reason="replaced")
        request = self.requests.get(login.flow) if login.flow else None
        session = self._session(person, identity, old, at)
        if request is not None:
            session = session.logged_in_to(request.client_id)
        with self.work() as tx:
            if evidence is not None:
                keep(tx, person, evidence, at)
            tx.audit.append(
                LoginSucceeded(
                    actor=person.person_id,
                    represented=person.person_id,
                    client_id=request.client_id if request else None,
                    sid=session.sid,
                    evidence={"acr": identity.level.uri, "identity_provider": "digid"},
                ),
                at=at,
            )
            tx.commit()
        session_cookie, flow_cookie = self.random.token(), self.random.token()
        self.sessions.add(session_cookie, session)
        if browser.session_cookie is not None:
            # Afterwards: in between, a login that goes on must not look as if it had ended.
            self.sessions.forget(browser.session_cookie)
        if request is not None:
            binding = self.handles.browser(flow_cookie)
            # What was agreed to in this flow was agreed to by whoever was logged in then.
            if old is None or old.person_id != person.person_id:
                request = replace(request, consents=(), consent_answered=False, subject=None, acting_confirmed=False)
            self.requests.keep(replace(request, browser=binding, login_answered=True, login_failure=None))
        return LoginResult(login.flow, None, flow_cookie, session_cookie, login.page)

    def _session(self, person: Person, identity: Identity, old: Session | None, at: datetime) -> Session:
        """A new session; logging in again as the same person keeps the `sid` and its apps (rule 36)."""
        same = old if old is not None and old.person_id == person.person_id and at < old.ends_at else None
        return Session(
            sid=same.sid if same else Sid(self.random.token()),
            person_id=person.person_id,
            level=identity.level,
            auth_time=identity.auth_time,
            last_active=at,
            clients=same.clients if same else frozenset(),
        )

    def _fresh_evidence(self, person: Person, at: datetime) -> Evidence | None:
        """What the register says now; None when there is nothing newer to keep.

        A register that is away leaves the evidence of at most 24 hours ago to decide; without it the decision denies.
        """
        name_known = self.names.get(person.person_id) is not None
        if person.evidence is not None and person.evidence.fresh(at) and name_known:
            return None
        try:
            found = self.register.look_up(person.bsn, at)
        except RegisterUnavailableError:
            return None
        if found is None:
            # DigiD knows somebody whom the BRP does not: nothing is certain about them, least of all their age.
            return Evidence(birth=BirthDate(), deceased=False, register="unknown", answered_at=at, doubtful=True)
        self.names.keep(person.person_id, found.name)
        return found.evidence
