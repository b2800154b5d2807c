"""The consents that a person has given, app by app, and stopping them (page P14)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from vad.domain.audit import AuditEvent, ConsentWithdrawn
from vad.domain.client import DataService
from vad.domain.consent import Consent, Duration
from vad.domain.identifiers import ClientId
from vad.domain.session import Session
from vad.services.ports.records import Registrations, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class ConsentAtSource:
    """What an app may fetch at one source. `source` None: nothing, it only knows who logs in."""

    source: str | None
    data_services: tuple[DataService, ...]
    duration: Duration
    until: datetime


@dataclass(frozen=True, slots=True)
class AppConsents:
    """Everything that one app may do now."""

    client_id: ClientId
    app: str
    given: tuple[ConsentAtSource, ...]


@dataclass(frozen=True, slots=True)
class GivenConsents:
    """The use case."""

    work: UnitOfWorkFactory
    registrations: Registrations

    def of(self, session: Session, at: datetime) -> tuple[AppConsents, ...]:
        """What this person agreed to and has not stopped, app by app."""
        with self.work() as tx:
            live = tx.consents.live(session.person_id, at)
        apps = dict.fromkeys(consent.client_id for consent in live)
        return tuple(self._app(app, (c for c in live if c.client_id == app)) for app in apps)

    def withdraw(self, session: Session, client_id: ClientId, at: datetime) -> int:
        """Stop every consent of this person for this app, at once: each token is decided on again. Returns how many."""
        with self.work() as tx:
            ended = tx.consents.withdraw(session.person_id, client_id, at)
            if ended:
                tx.audit.append(*(_withdrawn(consent, session) for consent in ended), at=at)
            tx.commit()
        return len(ended)

    def _app(self, client_id: ClientId, consents: Iterable[Consent]) -> AppConsents:
        client = self.registrations.client(client_id)
        # An app that is gone since can still be stopped.
        return AppConsents(client_id, client.name if client else client_id, tuple(map(self._at_source, consents)))

    def _at_source(self, consent: Consent) -> ConsentAtSource:
        source = self.registrations.resource_server(consent.resource)
        known = (self.registrations.data_service(each) for each in sorted(consent.data_services))
        services = tuple(service for service in known if service is not None)
        named = (source.name if source else consent.resource) if consent.data_services else None
        return ConsentAtSource(named, services, consent.duration, consent.until)


def _withdrawn(consent: Consent, session: Session) -> AuditEvent:
    return ConsentWithdrawn(
        actor=session.person_id,
        represented=consent.subject,
        client_id=consent.client_id,
        resource=consent.resource,
        sid=session.sid,
        evidence={"consent": str(consent.consent_id)},
    )
