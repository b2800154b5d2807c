"""Where a person is logged in, and stopping it from any of those places."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.identifiers import Sid
from vad.domain.session import Session
from vad.services.ports.records import Registrations
from vad.services.ports.volatile import KeptSession, Sessions
from vad.services.sessions import SessionService


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One session of the person, with names instead of identifiers."""

    sid: Sid
    since: datetime
    last_used: datetime
    apps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnSessions:
    """The use case. A session counts until its absolute end: until then, its apps may still have access."""

    sessions: Sessions
    session_service: SessionService
    registrations: Registrations

    def this(self, session: Session) -> OwnSession:
        """The session of this browser."""
        return self._told(session)

    def others(self, session: Session, at: datetime) -> tuple[OwnSession, ...]:
        """The person's sessions in other browsers, newest first."""
        found = {kept.session.sid: kept.session for kept in self._others(session, at)}
        return tuple(map(self._told, sorted(found.values(), key=lambda each: each.auth_time, reverse=True)))

    def stop(self, session: Session, sid: Sid, at: datetime) -> int:
        """Stop one other session of the same person; returns how many there were to stop."""
        return self._stop([kept for kept in self._others(session, at) if kept.session.sid == sid], at)

    def stop_others(self, session: Session, at: datetime) -> int:
        """Stop each session of the person but this one."""
        return self._stop(self._others(session, at), at)

    def _others(self, session: Session, at: datetime) -> list[KeptSession]:
        return [kept for kept in self.sessions.of(session.person_id, at) if kept.session.sid != session.sid]

    def _stop(self, chosen: list[KeptSession], at: datetime) -> int:
        for kept in chosen:
            self.session_service.end_at(kept.place, kept.session, at, reason="stopped")
        return len(chosen)

    def _told(self, session: Session) -> OwnSession:
        clients = (self.registrations.client(client_id) for client_id in session.clients)
        apps = tuple(sorted(client.name for client in clients if client is not None))
        return OwnSession(session.sid, session.auth_time, session.last_active, apps)
