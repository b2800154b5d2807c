"""The citizen's own view of the log (rule 42, page P13)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.audit import (
    ActivityViewed,
    AuditEvent,
    AuthorizationRefused,
    BlockLifted,
    BlockPlaced,
    ConsentGiven,
    ConsentLapsed,
    ConsentRefused,
    ConsentWithdrawn,
    GrantGivenBack,
    GrantRevoked,
    LoginFailed,
    LoginReused,
    LoginSucceeded,
    SessionEnded,
    TokenIssued,
    TokenRefused,
)
from vad.domain.session import Session
from vad.services.ports.records import RecordedEvent, Registrations, UnitOfWorkFactory

SHOWN = timedelta(days=90)
MOST = 200
_OF_INTEREST: tuple[type[AuditEvent], ...] = (
    LoginSucceeded,
    LoginReused,
    LoginFailed,
    ConsentGiven,
    ConsentRefused,
    ConsentLapsed,
    ConsentWithdrawn,
    BlockPlaced,
    BlockLifted,
    AuthorizationRefused,
    TokenIssued,
    TokenRefused,
    GrantRevoked,
    GrantGivenBack,
    SessionEnded,
)


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One line of the page: names instead of identifiers."""

    at: datetime
    by_person: bool
    """Whether a person did it; otherwise it happened by itself."""
    type: str
    outcome: str
    app: str | None
    source: str | None
    basis: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """The use case."""

    work: UnitOfWorkFactory
    registrations: Registrations

    def of(self, session: Session, at: datetime) -> tuple[ActivityEntry, ...]:
        """What was done by or about this person, newest first. Looking is itself logged, before anything is shown."""
        person = session.person_id
        types = frozenset(event.type for event in _OF_INTEREST)
        with self.work() as tx:
            events = tx.audit.about(person, types=types, since=at - SHOWN, limit=MOST)
            tx.audit.append(ActivityViewed(actor=person, represented=person, sid=session.sid), at=at)
            tx.commit()
        return tuple(map(self._entry, events))

    def _entry(self, event: RecordedEvent) -> ActivityEntry:
        client = self.registrations.client(event.client_id) if event.client_id else None
        source = self.registrations.resource_server(event.resource) if event.resource else None
        return ActivityEntry(
            at=event.at,
            by_person=event.actor is not None,
            type=event.type,
            outcome=event.outcome,
            # Somebody who used an app that is gone since must still see that it was an app, and which.
            app=client.name if client else event.client_id,
            source=source.name if source else None,
            basis=event.basis,
            reason=event.reason,
        )
