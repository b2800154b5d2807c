"""Asking for and recording consent (page P5). Consent belongs to the request; a form says what it was shown."""

import hashlib
import hmac
import json
from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.audit import AuditEvent, ConsentGiven, ConsentRefused
from vad.domain.authorization import AskConsent, AuthorizationRequest
from vad.domain.client import API_SCOPES
from vad.domain.consent import UNUSED_LIFE, Consent, Duration
from vad.domain.errors import StaleFlowError
from vad.domain.identifiers import ConsentId, ResourceId
from vad.domain.session import Session
from vad.domain.standard_claims import SHARED
from vad.services.authorize import Step
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Randomness
from vad.services.ports.volatile import AuthorizationRequests, ConsentDraft, ConsentDrafts

_DIGEST = 64
"""Characters of a `shown_digest`."""


@dataclass(frozen=True, slots=True)
class ConsentForm:
    """What the person sent."""

    chosen: frozenset[str]
    """Identifiers of the ticked sources, and ticked scopes of VAD itself."""
    duration: Duration
    shown_digest: str


@dataclass(frozen=True, slots=True)
class ConsentService:
    """The use case."""

    issuer: str
    work: UnitOfWorkFactory
    requests: AuthorizationRequests
    drafts: ConsentDrafts
    handles: Handles
    random: Randomness

    def shown_digest(self, step: Step) -> str:
        """A digest of what is asked: which app, sources and kinds of data. A form answers this and nothing else."""
        client, request = step.situation.client, step.situation.request
        shown = [
            request.flow,
            client.client_id,
            client.name,
            client.organisation,
            "" if request.subject is None else request.subject.hex,
            [[s.identifier, s.name, sorted(step.situation.services_at(s))] for s in _asked(step).sources],
            sorted(_asked(step).own_scopes),
        ]
        return hashlib.sha256(json.dumps(shown, separators=(",", ":")).encode()).hexdigest()

    def give(self, step: Step, form: ConsentForm, at: datetime) -> None:
        """Record consent for the chosen sources and tie it to the request.

        Raises `StaleFlowError` when what was shown is not what is asked now, or a source was chosen that was not shown.
        """
        situation, session = step.situation, step.situation.session
        asked = _asked(step)
        known = frozenset(source.identifier for source in asked.sources) | asked.own_scopes
        if not _same_digest(form.shown_digest, self.shown_digest(step)) or not form.chosen <= known:
            raise StaleFlowError("the form shows something else than is asked now")
        chosen = tuple(source for source in asked.sources if source.identifier in form.chosen)
        if session is None or (asked.sources and not chosen and not asked.optional):
            raise StaleFlowError("nothing was chosen")
        request = situation.request
        if not form.chosen and (asked.sources or asked.optional):
            self._record_refusal(step, at)
            self.requests.keep(replace(request, consent_answered=True))
            return
        targets = [(s.identifier, situation.services_at(s)) for s in chosen]
        if not targets or form.chosen & asked.own_scopes:
            targets.append((ResourceId(self.issuer), form.chosen & asked.own_scopes))
        consents = tuple(self._consent(request, session, target, form.duration, at) for target in targets)
        with self.work() as tx:
            tx.consents.add(consents)
            tx.audit.append(*(_given(consent, session, form) for consent in consents), at=at)
            tx.commit()
        given = (*request.consents, *(consent.consent_id for consent in consents))
        self.requests.keep(replace(request, consents=given, consent_answered=True))

    def owner(self, step: Step) -> str:
        """Whose page this is; the form brings it back, for a login that has ended can't tell any more."""
        session, request = step.situation.session, step.situation.request
        return self.handles.owner(session.person_id, request.flow) if session is not None else ""

    def keep_draft(self, step: Step, owner: str, draft: ConsentDraft, at: datetime) -> bool:
        """Keep what the owner of the form filled in until they have logged in again; False if there was nothing.

        Only where somebody who was logged in has seen the page: nobody else has a form to bring back.
        """
        request = step.situation.request
        known = {source.identifier for source in step.situation.sources} | step.situation.request.own_scopes
        chosen = draft.chosen & known
        if (not chosen and draft.duration is None) or not self.requests.held(request, at):
            return False
        flow = request.flow
        # Only what can be of use, so that nobody stores what they like.
        self.drafts.add(flow, owner, replace(draft, chosen=chosen, shown_digest=draft.shown_digest[:_DIGEST]))
        self.requests.hold(flow)
        return True

    def take_draft(self, step: Step) -> ConsentDraft | None:
        """What the person of the session filled in, once; None when the page shows something else than it did then."""
        draft = self.drafts.take(step.situation.request.flow, self.owner(step))
        if draft is None or not _same_digest(draft.shown_digest, self.shown_digest(step)):
            return None
        return draft

    def refuse(self, step: Step, at: datetime) -> None:
        """Record that the person does not agree."""
        self._record_refusal(step, at)
        self.requests.keep(replace(step.situation.request, refused=True))

    def _record_refusal(self, step: Step, at: datetime) -> None:
        request, session = step.situation.request, step.situation.session
        with self.work() as tx:
            tx.audit.append(
                ConsentRefused(
                    actor=session.person_id if session else None,
                    represented=request.subject or (session.person_id if session else None),
                    client_id=request.client_id,
                    sid=session.sid if session else None,
                    evidence=_refused(_asked(step)),
                ),
                at=at,
            )
            tx.commit()

    def _consent(
        self,
        request: AuthorizationRequest,
        session: Session,
        target: tuple[ResourceId, frozenset[str]],
        duration: Duration,
        at: datetime,
    ) -> Consent:
        resource, services = target
        return Consent(
            consent_id=ConsentId(self.random.uuid()),
            person_id=session.person_id,
            subject=request.subject or session.person_id,
            client_id=request.client_id,
            resource=resource,
            data_services=services,
            duration=duration,
            given_at=at,
            until=session.ends_at if duration is Duration.ONCE else at + UNUSED_LIFE,
        )


def _same_digest(sent: str, ours: str) -> bool:
    return hmac.compare_digest(sent.encode(errors="replace"), ours.encode())


def _asked(step: Step) -> AskConsent:
    if not isinstance(step.next, AskConsent):
        raise StaleFlowError("consent is not what is asked now")
    return step.next


def _refused(asked: AskConsent) -> dict[str, object]:
    own = {"api_scopes": sorted(asked.own_scopes & API_SCOPES), "claims": sorted(asked.own_scopes & SHARED)}
    resources = [source.identifier for source in asked.sources]
    return {"resources": resources, **{name: scopes for name, scopes in own.items() if scopes}}


def _given(consent: Consent, session: Session, form: ConsentForm) -> AuditEvent:
    return ConsentGiven(
        actor=consent.person_id,
        represented=consent.subject,
        client_id=consent.client_id,
        resource=consent.resource,
        sid=session.sid,
        evidence={
            "consent": str(consent.consent_id),
            "data_services": sorted(consent.data_services),
            "duration": consent.duration.value,
            "until": consent.until.isoformat(),
            "shown": form.shown_digest,
        },
    )
