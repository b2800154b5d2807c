"""The citizen's own view of the log (rule 42, page P13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.audit import (
    ActivityViewed,
    AssentGiven,
    AssentWithdrawn,
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
from vad.domain.identifiers import PersonId
from vad.domain.mandate_events import (
    MandateAccepted,
    MandateApproved,
    MandateChanged,
    MandateCodeRefused,
    MandateCodeRenewed,
    MandateDeclined,
    MandateEnded,
    MandateExpired,
    MandateLapsed,
    MandateLetterAsked,
    MandateOffered,
    MandatePrepared,
    MandateProofChecked,
    MandateProofMade,
    MandateReached,
    MandateRequested,
    MandatesRead,
    MandateStopped,
)
from vad.domain.session import Session
from vad.services.names import Names
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
    AssentGiven,
    AssentWithdrawn,
    BlockLifted,
    AuthorizationRefused,
    TokenIssued,
    TokenRefused,
    GrantRevoked,
    GrantGivenBack,
    SessionEnded,
    MandatesRead,
    MandatePrepared,
    MandateOffered,
    MandateRequested,
    MandateCodeRenewed,
    MandateReached,
    MandateCodeRefused,
    MandateAccepted,
    MandateApproved,
    MandateLetterAsked,
    MandateDeclined,
    MandateLapsed,
    MandateChanged,
    MandateStopped,
    MandateExpired,
    MandateEnded,
    MandateProofMade,
    MandateProofChecked,
)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in an entry."""

    oneself: bool
    name: str | None = None
    """Of somebody else; None while the register does not say."""


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One line of the page: names instead of identifiers."""

    at: datetime
    actor: Party | None
    """Who did it; None: it happened by itself."""
    represented: Party
    """Whose data it is about."""
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
    names: Names

    def of(self, session: Session, at: datetime) -> tuple[ActivityEntry, ...]:
        """What was done by or about this person, newest first. Looking is itself logged, before anything is shown."""
        person = session.person_id
        types = frozenset(event.type for event in _OF_INTEREST)
        with self.work() as tx:
            events = tx.audit.about(person, types=types, since=at - SHOWN, limit=MOST)
            tx.audit.append(ActivityViewed(actor=person, represented=person, sid=session.sid), at=at)
            tx.commit()
        people = {each for event in events for each in (event.actor, event.represented) if each is not None}
        parties = {each: Party(each == person, self._name(each, person, at)) for each in people}
        return tuple(self._entry(event, parties) for event in events)

    def _name(self, person_id: PersonId, oneself: PersonId, at: datetime) -> str | None:
        return None if person_id == oneself else self.names.shown(person_id, at)

    def _entry(self, event: RecordedEvent, parties: Mapping[PersonId, Party]) -> ActivityEntry:
        client = self.registrations.client(event.client_id) if event.client_id else None
        source = self.registrations.resource_server(event.resource) if event.resource else None
        return ActivityEntry(
            at=event.at,
            actor=parties[event.actor] if event.actor else None,
            represented=parties[event.represented] if event.represented else Party(oneself=True),
            type=event.type,
            outcome=event.outcome,
            # Somebody who used an app that is gone since must still see that it was an app, and which.
            app=client.name if client else event.client_id,
            source=source.name if source else None,
            basis=event.basis,
            reason=event.reason,
        )
