"""Telling every app of a session that it has ended (OIDC Back-Channel Logout 1.0)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain import claims
from vad.domain.client import Client
from vad.domain.session import Session
from vad.services.ports.records import Registrations, UnitOfWork
from vad.services.ports.tokens import Pairwise
from vad.services.subjects import Subjects

BACKCHANNEL_LOGOUT = "backchannel-logout"
"""Kind of outbox message: an app must hear that a session ended. It holds `client_id`, `sub` and `sid`, no more."""


@dataclass(frozen=True, slots=True)
class LogoutNotices:
    """Queues what `vad worker` then delivers."""

    registrations: Registrations
    pairwise: Pairwise
    subjects: Subjects

    def queue(self, tx: UnitOfWork, session: Session, at: datetime) -> None:
        """Queue one message per app that holds a grant of this session.

        In the transaction that ends the session: neither is without the other. The grant may be in any state. An app
        that gave it back, or from which it was taken, still has a session of its own. What is queued names the person
        as that app knows them, so that whoever reads the outbox can't follow them from app to app.
        """
        for client_id in tx.grants.clients_of(session.sid):
            client = self.registrations.client(client_id)
            if client is None or not client.active or not client.backchannel_logout_uri:
                continue
            message = {
                "client_id": client_id,
                "sub": self._subject(tx, client, session),
                "sid": self.pairwise.session(session.sid, client_id),
            }
            tx.outbox.add(BACKCHANNEL_LOGOUT, message, at)

    def _subject(self, tx: UnitOfWork, client: Client, session: Session) -> str:
        """As it stood in the ID token."""
        person = tx.persons.get(session.person_id) if client.rules.former_subject else None
        if person is None:
            return self.pairwise.subject(claims.sector_of_client(client), session.person_id)
        return self.subjects.of_client(client, person)
