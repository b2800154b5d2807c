"""The authorization request from its arrival to the code: every page records one fact and comes back here."""

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.access import Permit
from vad.domain.audit import AuditEvent, AuthorizationGranted, AuthorizationRefused, LoginReused
from vad.domain.authorization import (
    AskConsent,
    AuthorizationRequest,
    ChooseRepresented,
    ConfirmActing,
    ConfirmLogin,
    Issue,
    LogIn,
    NextStep,
    Refuse,
    ResponseMode,
    Situation,
    next_step,
    services_at,
)
from vad.domain.client import Client
from vad.domain.consent import UNUSED_LIFE, Duration
from vad.domain.errors import ProtocolError, StaleFlowError, UnavailableError
from vad.domain.grant import Grant
from vad.domain.ground import DenyReason
from vad.domain.identifiers import GrantId
from vad.domain.notice import Notice
from vad.domain.session import Session
from vad.services import denials
from vad.services.handed_references import HandedReferences
from vad.services.notifications import tell
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, IdTokenHints, Randomness
from vad.services.ports.volatile import AuthorizationCode, AuthorizationRequests, Codes, Sessions
from vad.services.pushed_requests import PushedAuthorization
from vad.services.requested_sources import requested_sources
from vad.services.situations import Situations

_PAGES: Mapping[type[NextStep], str] = {
    LogIn: "login_required",
    ConfirmLogin: "interaction_required",
    ChooseRepresented: "interaction_required",
    ConfirmActing: "interaction_required",
    AskConsent: "consent_required",
}
"""Which error a page turns into where there may be none (OIDC Core 3.1.2.6)."""


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """What goes back to the app: a code, or an error."""

    redirect_uri: str
    state: str
    mode: ResponseMode
    code: str | None = None
    error: ProtocolError | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The next step and what it was decided on."""

    next: NextStep
    situation: Situation
    kept: bool = True
    """Whether the request is kept, to be answered once whoever comes with it; False: it is being answered right now."""


@dataclass(frozen=True, slots=True)
class Authorize:
    """The use case."""

    work: UnitOfWorkFactory
    registrations: Registrations
    requests: AuthorizationRequests
    codes: Codes
    handles: Handles
    random: Randomness
    hints: IdTokenHints
    sessions: Sessions
    situations: Situations
    pushed: PushedAuthorization
    references: HandedReferences

    def check(self, request: AuthorizationRequest, id_token_hint: str | None) -> AuthorizationRequest:
        """Look at a request whose client, redirect URI and PKCE are in order; returns it with whom its hint names.

        Raises `ProtocolError` where its resources and scopes do not fit each other or the client, or its hint is none.
        """
        client = self.situations.client(request)
        request = self.references.asked_for(request, client)
        if id_token_hint:
            hinted = self._hinted(id_token_hint, client)
            if request.hinted and hinted not in request.hinted:
                raise ProtocolError("invalid_request", "claims and id_token_hint name different people")
            request = replace(request, hinted=(hinted,))
        for source in requested_sources(self.registrations, request, client):
            if not source.admits(client, services_at(request, source)):
                why = DenyReason.NOT_QUALIFIED
                event = AuthorizationRefused(client_id=client.client_id, resource=source.identifier, reason=why.value)
                self._record(event, request.received_at)
                raise denials.at_authorize(why)
        return request

    def begin(self, request: AuthorizationRequest, session: Session | None) -> Step | None:
        """Take in a request that was checked and has its browser.

        The step, where it can be answered at once: nobody has to be asked anything. None: it is kept, and taken up
        again by `step`.
        """
        if session is not None:
            step = self.step_of(request, session, request.received_at)
            if isinstance(step.next, Issue) or "none" in request.prompt:
                return replace(step, kept=False)
        self.requests.add(request)
        return None

    def request(self, flow: str, flow_cookie: str | None) -> AuthorizationRequest:
        """The request of this flow. Raises `StaleFlowError` when it is over or belongs to another browser."""
        request = self.requests.get(flow)
        if (
            request is None
            or flow_cookie is None
            or not hmac.compare_digest(request.browser, self.handles.browser(flow_cookie))
        ):
            raise StaleFlowError("unknown flow, or another browser")
        return request

    def step(self, flow: str, flow_cookie: str | None, session: Session | None, at: datetime) -> Step:
        """What comes next for this flow. Changes nothing."""
        return self.step_of(self.request(flow, flow_cookie), session, at)

    def step_of(self, request: AuthorizationRequest, session: Session | None, at: datetime) -> Step:
        """As `step`, for a request that is at hand."""
        situation = self.situations.of(request, session, at)
        return Step(next_step(situation, at), situation)

    def confirm_login(self, step: Step, session_cookie: str, at: datetime) -> None:
        """Record that the person goes on to this app in the session that is there (rule 37)."""
        session, client_id = step.situation.session, step.situation.client.client_id
        if session is None or not isinstance(step.next, ConfirmLogin):
            raise StaleFlowError("there is no login to confirm")
        with self.work() as tx:
            person = session.person_id
            tx.audit.append(LoginReused(actor=person, represented=person, client_id=client_id, sid=session.sid), at=at)
            tx.commit()
        self.sessions.update(session_cookie, lambda known: known.logged_in_to(client_id))

    def hold(self, request: AuthorizationRequest) -> None:
        """Somebody who is logged in is at a page of this flow: it must not end before their login does."""
        self.requests.hold(request.flow)

    def refused_by_person(self, request: AuthorizationRequest) -> None:
        """Record that the person said no."""
        self.requests.keep(replace(request, refused=True))

    def issue(self, step: Step, at: datetime) -> AuthorizationResponse:
        """The code. One winner among any number of callers; the event has committed before the code exists.

        Raises `StaleFlowError` when somebody else was first.
        """
        situation, session = step.situation, step.situation.session
        if not isinstance(step.next, Issue) or session is None:
            raise TypeError("a code comes from an Issue step alone")
        grant = self._grant(situation, session, step.next.permits, at)
        with self._taken(step) as request, self.work() as tx:
            self.pushed.answer(request, at)
            standing = {c.consent_id for p in step.next.permits for c in p.consents if c.duration != Duration.ONCE}
            tx.consents.extend(tuple(standing), at + UNUSED_LIFE)
            if grant.mandate is not None and tx.mandates.used(grant.mandate, at):
                by_post = tx.mandate_letters.get(grant.mandate) is not None
                tell(tx, grant.subject, Notice.MANDATE_FIRST_USED, at, about=str(grant.mandate), by_post=by_post)
            tx.audit.append(*(_granted(permit, session) for permit in step.next.permits), at=at)
            tx.commit()
        code = self.random.token()
        grant = replace(grant, code_hash=self.handles.code_hash(code))
        value = AuthorizationCode(
            grant, request.redirect_uri, request.code_challenge, request.nonce, request.id_token_claims
        )
        self.codes.add(code, value)
        return _answer(request, code=code)

    def refuse(self, step: Step, at: datetime, *, error: ProtocolError | None = None) -> AuthorizationResponse:
        """Send the app away without a code, with its event. `error` overrides the one that the refusal leads to."""
        with self._taken(step) as request:
            return self._refused(request, step, at, error)

    def refuse_and_tell(self, step: Step, reason: DenyReason, at: datetime) -> AuthorizationResponse:
        """Refuse for a reason that a page explains. It can be shown again; the event is written the first time."""
        request, error = step.situation.request, denials.at_authorize(reason)
        if request.refusal is not None:
            return _answer(request, error=error)
        answer = self._refused(request, step, at, error)
        # Only now: what was told without its event would stay without it.
        self.requests.keep(replace(request, refusal=reason))
        return answer

    def _refused(
        self, request: AuthorizationRequest, step: Step, at: datetime, error: ProtocolError | None
    ) -> AuthorizationResponse:
        self.pushed.answer(request, at)
        situation, refusal = step.situation, step.next if isinstance(step.next, Refuse) else Refuse(None)
        reason, declined = refusal.reason, situation.client.rules.declined
        error = error or denials.at_step(step.next, declined)
        person = situation.session.person_id if situation.session else None
        refused = AuthorizationRefused(
            actor=person,
            represented=request.subject or person,
            client_id=request.client_id,
            sid=situation.session.sid if situation.session else None,
            reason=reason.value if reason else error.error,
            evidence=refusal.denied.as_record() if refusal.denied else {},
        )
        self._record(refused, at)
        return _answer(request, error=error)

    def without_pages(self, step: Step, at: datetime) -> AuthorizationResponse | None:
        """With `prompt=none`: the error that a page step turns into (OIDC Core 3.1.2.6); None: no page is needed."""
        error = _PAGES.get(type(step.next))
        if "none" not in step.situation.request.prompt or error is None:
            return None
        return self.refuse(step, at, error=ProtocolError(error, "the person would have to be asked"))

    def _hinted(self, id_token_hint: str, client: Client) -> str:
        hint = self.hints.read(id_token_hint)
        if hint is None or hint.client_id != client.client_id:
            raise ProtocolError("invalid_request", "id_token_hint is no ID token that was given to this client")
        return hint.sub

    def _record(self, event: AuditEvent, at: datetime) -> None:
        with self.work() as tx:
            tx.audit.append(event, at=at)
            tx.commit()

    @contextmanager
    def _taken(self, step: Step) -> Iterator[AuthorizationRequest]:
        """The request, taken out for good: one winner. Where a store is away it is put back, to be tried again."""
        request = step.situation.request
        if not step.kept:
            yield request
            return
        taken = self.requests.take(request.flow)
        if taken is None:
            raise StaleFlowError("the flow has been answered already")
        if taken != request:
            self.requests.add(taken)
            raise StaleFlowError("a page recorded something in between")
        try:
            yield taken
        except UnavailableError:
            self.requests.add(taken)
            raise

    def _grant(self, situation: Situation, session: Session, permits: tuple[Permit, ...], at: datetime) -> Grant:
        consents = {consent.consent_id for permit in permits for consent in permit.consents}
        services = frozenset[str]().union(*(permit.request.data_services for permit in permits))
        return Grant(
            grant_id=GrantId(self.random.uuid()),
            code_hash=b"",
            sid=session.sid,
            client_id=situation.client.client_id,
            actor=session.person_id,
            subject=situation.request.subject or session.person_id,
            level=session.level,
            auth_time=session.auth_time,
            session_ends_at=session.ends_at,
            data_services=services,
            resources=tuple(p.request.source.identifier for p in permits if p.request.source is not None),
            consents=tuple(sorted(consents)),
            created_at=at,
            jkt=situation.request.dpop_jkt,
            openid=situation.request.openid,
            basis=situation.request.basis,
            mandate=situation.mandate.mandate_id if situation.mandate and situation.request.acts(session) else None,
        )


def _answer(
    request: AuthorizationRequest, *, code: str | None = None, error: ProtocolError | None = None
) -> AuthorizationResponse:
    return AuthorizationResponse(request.redirect_uri, request.state, request.response_mode, code, error)


def _granted(permit: Permit, session: Session) -> AuditEvent:
    asked = permit.request
    return AuthorizationGranted(
        actor=asked.actor,
        represented=asked.subject,
        client_id=asked.client.client_id,
        resource=asked.source.identifier if asked.source else None,
        sid=session.sid,
        basis=permit.basis,
        evidence=permit.as_record(),
    )
