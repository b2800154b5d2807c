"""Giving a person everything that VAD holds about them (AVG article 15)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.audit import DataExported
from vad.domain.session import Session
from vad.services.own_sessions import OwnSessions
from vad.services.ports.records import UnitOfWorkFactory

Sections = dict[str, list[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class OwnData:
    """The use case. Who asks logged in a moment ago: the caller sees to that."""

    work: UnitOfWorkFactory
    own_sessions: OwnSessions

    def of(self, session: Session, at: datetime) -> Sections:
        """All of it, by section. Logged before anything is given."""
        person = session.person_id
        with self.work() as tx:
            tx.audit.append(DataExported(actor=person, represented=person, sid=session.sid), at=at)
            tx.commit()
        with self.work() as tx:
            told: Sections = dict(tx.own_data.sections(person))
        logins = (self.own_sessions.this(session), *self.own_sessions.others(session, at))
        told["logins"] = [
            {"since": each.since.isoformat(), "last_used": each.last_used.isoformat(), "apps": list(each.apps)}
            for each in logins
        ]
        return told
