"""Where a person is logged in, and stopping it from any of those places."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from vad.domain.identifiers import PersonId, Sid
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
class Logins:
    """Where somebody is logged in, to be read."""

    sessions: Sessions
    registrations: Registrations

    def of(self, person_id: PersonId, at: datetime) -> tuple[OwnSession, ...]:
        """All of a person's sessions, newest first."""
        found = {kept.session.sid: kept.session for kept in self.sessions.of(person_id, at)}
        return self.told(found.values())

    def told(self, sessions: Iterable[Session]) -> tuple[OwnSession, ...]:
        """These sessions, newest first."""
        return tuple(map(self._told, sorted(sessions, key=lambda each: each.auth_time, reverse=True)))

    def _told(self, session: Session) -> OwnSession:
        clients = (self.registrations.client(client_id) for client_id in session.clients)
        apps = tuple(sorted(client.name for client in clients if client is not None))
        return OwnSession(session.sid, session.auth_time, session.last_active, apps)


@dataclass(frozen=True, slots=True)
class OwnSessions:
    """The use case. A session counts until its absolute end: until then, its apps may still have access."""

    sessions: Sessions
    session_service: SessionService
    logins: Logins

    def this(self, session: Session) -> OwnSession:
        """The session of this browser."""
        (told,) = self.logins.told([session])
        return told

    def others(self, session: Session, at: datetime) -> tuple[OwnSession, ...]:
        """The person's sessions in other browsers, newest first."""
        found = {kept.session.sid: kept.session for kept in self._others(session, at)}
        return self.logins.told(found.values())

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
