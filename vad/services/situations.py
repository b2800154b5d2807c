"""What the authorize endpoint knows of a request at one moment, put together from every store."""

from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.access import Facts
from vad.domain.authorization import (
    AskConsent,
    AuthorizationRequest,
    Issue,
    Refuse,
    Situation,
    next_step,
    services_at,
)
from vad.domain.client import Client
from vad.domain.errors import StaleFlowError
from vad.domain.mandate import best_for
from vad.domain.session import Session
from vad.services.ports.records import Registrations, Standing, UnitOfWorkFactory
from vad.services.representation import Representation
from vad.services.subjects import Subjects


@dataclass(frozen=True, slots=True)
class Situations:
    """Loads them."""

    work: UnitOfWorkFactory
    registrations: Registrations
    subjects: Subjects
    representation: Representation
    cross_client: bool
    """Whether a login to one app may do for another (rule 37)."""

    def of(self, request: AuthorizationRequest, session: Session | None, at: datetime) -> Situation:
        """All that the next step depends on. Raises `StaleFlowError` for an app that is not registered any more."""
        standing = None if session is None else self._standing(request, session)
        facts = Facts(None)
        if standing is not None and session is not None:
            facts = self.representation.facts(standing, request.subject or session.person_id, at)
        # Only now: the trip brought word of registrations that changed since.
        client = self.client(request)
        # A source that was withdrawn is left to the decision: the app gets its refusal, and the log its event.
        found = tuple(self.registrations.resource_server(resource) for resource in request.resources)
        sources = tuple(source for source in found if source is not None)
        situation = Situation(request, client, sources, session, facts, cross_client=self.cross_client)
        if session is None:
            return situation
        situation = replace(situation, facts=_on_one_mandate(situation, at))
        if request.hinted and standing is not None:
            situation = replace(situation, subjects=self.subjects.all_of_client(client, standing.person))
        if client.representation and _may_choose(situation, at):
            situation = replace(situation, choices=self.representation.choices(client, session, at))
        return situation

    def client(self, request: AuthorizationRequest) -> Client:
        """The app that asks. Raises `StaleFlowError` when it is not registered any more, or its redirect URI is not.

        A request may be on its way for hours, and nobody may be sent to an address that was taken out meanwhile
        (RFC 9126 section 7.4).
        """
        client = self.registrations.client(request.client_id)
        if client is None or not client.active:
            raise StaleFlowError("the client is not registered any more")
        if not client.accepts_redirect_uri(request.redirect_uri):
            raise StaleFlowError("the redirect URI is not registered any more")
        return client

    def _standing(self, request: AuthorizationRequest, session: Session) -> Standing | None:
        subject = request.subject or session.person_id
        with self.work() as tx:
            return tx.standings.of_request(session.person_id, subject, request.client_id, request.consents)


def _on_one_mandate(situation: Situation, at: datetime) -> Facts:
    """The facts with the one mandate that goes furthest, of several between the same two people."""
    wanted = {source.identifier: services_at(situation.request, source) for source in situation.sources}
    best = best_for(situation.facts.mandates, situation.client.client_id, wanted, at)
    return replace(situation.facts, mandates=() if best is None else (best,))


def _may_choose(situation: Situation, at: datetime) -> bool:
    """Whether it is time to ask for whom: it is clear who asks what for which app, and nothing was answered yet.

    Before that no register hears of anybody's children.
    """
    request = situation.request
    if request.subject is not None or request.consent_answered or request.refused or request.refusal is not None:
        return False
    return isinstance(next_step(situation, at), AskConsent | Issue | Refuse)
