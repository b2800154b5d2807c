"""The consents that a person has given, app by app, and stopping them (page P14)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from vad.domain.audit import AuditEvent, ConsentWithdrawn
from vad.domain.client import API_SCOPES, OWN_SCOPES, DataService
from vad.domain.consent import Consent, Duration
from vad.domain.identifiers import ClientId, PersonId
from vad.domain.session import Session
from vad.domain.standard_claims import SHARED
from vad.services.names import Names
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import Handles
from vad.services.security_events import SecurityEvents


@dataclass(frozen=True, slots=True)
class ConsentAtSource:
    """What an app may fetch at one source. `source` None: nothing, it only knows who logs in."""

    source: str | None
    data_services: tuple[DataService, ...]
    duration: Duration
    until: datetime
    api: bool = False
    """It is about VAD's own API: the app may see and stop the person's mandates."""
    shared: frozenset[str] = frozenset()
    """What the person shares of themselves."""


@dataclass(frozen=True, slots=True)
class AppConsents:
    """Everything that one app may do now about one person."""

    client_id: ClientId
    app: str
    about: str
    """A handle of the person whose data it is about, for the form to bring back."""
    represented: str | None
    """Their name; None where it is the person's own data."""
    given: tuple[ConsentAtSource, ...]
    former_name: str = ""
    """What the app was called when the person agreed, where that is another name."""


@dataclass(frozen=True, slots=True)
class GivenConsents:
    """The use case."""

    work: UnitOfWorkFactory
    registrations: Registrations
    handles: Handles
    names: Names
    security_events: SecurityEvents

    def of(self, session: Session, at: datetime) -> tuple[AppConsents, ...]:
        """What this person agreed to and has not stopped, app by app, and for whom."""
        live = self._live(session, at)
        groups = dict.fromkeys((consent.client_id, consent.subject) for consent in live)
        return tuple(
            self._app(session, group, (c for c in live if (c.client_id, c.subject) == group), at) for group in groups
        )

    def withdraw(self, session: Session, client_id: ClientId, about: str, at: datetime) -> int:
        """Stop every consent of this person for this app about this person: each token is decided on again.

        Returns how many; none where nobody has this handle.
        """
        subjects = {consent.subject for consent in self._live(session, at)}
        subject = {self._handle(session, each): each for each in subjects}.get(about)
        if subject is None:
            return 0
        with self.work() as tx:
            ended = tx.consents.withdraw(session.person_id, subject, client_id, at)
            if ended:
                tx.audit.append(*(_withdrawn(consent, session) for consent in ended), at=at)
                self.security_events.consents_withdrawn(tx, ended, at)
            tx.commit()
        return len(ended)

    def _live(self, session: Session, at: datetime) -> tuple[Consent, ...]:
        with self.work() as tx:
            return tx.consents.live(session.person_id, at)

    def _handle(self, session: Session, subject: PersonId) -> str:
        return self.handles.owner(subject, session.sid)

    def _app(
        self, session: Session, group: tuple[ClientId, PersonId], consents: Iterable[Consent], at: datetime
    ) -> AppConsents:
        (client_id, subject), given = group, tuple(consents)
        client = self.registrations.client(client_id)
        since = min(each.given_at for each in given)
        return AppConsents(
            client_id,
            client.name if client else client_id,  # an app that is gone since can still be stopped
            self._handle(session, subject),
            None if subject == session.person_id else self.names.shown(subject, at) or "",
            tuple(map(self._at_source, given)),
            client.called_before(since) if client else "",
        )

    def _at_source(self, consent: Consent) -> ConsentAtSource:
        source = self.registrations.resource_server(consent.resource)
        known = (self.registrations.data_service(each) for each in sorted(consent.data_services))
        services = tuple(service for service in known if service is not None)
        api, shared = bool(consent.data_services & API_SCOPES), consent.data_services & SHARED
        named = (source.name if source else consent.resource) if consent.data_services - OWN_SCOPES else None
        return ConsentAtSource(named, services, consent.duration, consent.until, api, shared)


def _withdrawn(consent: Consent, session: Session) -> AuditEvent:
    return ConsentWithdrawn(
        actor=session.person_id,
        represented=consent.subject,
        client_id=consent.client_id,
        resource=consent.resource,
        sid=session.sid,
        evidence={"consent": str(consent.consent_id)},
    )


def ended_with(consent: Consent, reason: str, evidence: Mapping[str, str]) -> AuditEvent:
    """The event of a consent to act for somebody, which ended with the ground it rested on."""
    return ConsentWithdrawn(
        actor=consent.person_id,
        represented=consent.subject,
        client_id=consent.client_id,
        resource=consent.resource,
        reason=reason,
        evidence={"consent": str(consent.consent_id), **evidence},
    )
