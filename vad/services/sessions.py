"""The browser's session with VAD: looking it up, ending it, logging out."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.audit import SessionEnded
from vad.domain.identifiers import ClientId
from vad.domain.session import Session
from vad.services.logout_notices import LogoutNotices
from vad.services.names import Names
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.volatile import Sessions


@dataclass(frozen=True, slots=True)
class SessionService:
    """What pages need to know of the session."""

    work: UnitOfWorkFactory
    sessions: Sessions
    names: Names
    notices: LogoutNotices

    def current(self, cookie: str | None, at: datetime) -> Session | None:
        """The live session of this browser; the request counts as activity of the person."""
        return self.sessions.touch(cookie, at) if cookie else None

    def peek(self, cookie: str | None, at: datetime) -> Session | None:
        """The live session of this browser, for what a page does by itself: no activity of the person."""
        session = self.known(cookie)
        return session if session is not None and session.live(at) else None

    def ended_idle(self, cookie: str | None, at: datetime) -> bool:
        """Whether this browser was logged in and the person then did nothing for too long."""
        session = self.known(cookie)
        return session is not None and not session.live(at)

    def known(self, cookie: str | None) -> Session | None:
        """The session that this browser could still end, however long ago its last request was."""
        return self.sessions.get(cookie) if cookie else None

    def name(self, session: Session, at: datetime) -> str | None:
        """Who is logged in, as the BRP writes the name; None when that can't be had now."""
        return self.names.shown(session.person_id, at)

    def log_out(self, cookie: str | None, at: datetime, client_id: ClientId | None = None) -> bool:
        """End the session and every grant that rests on it; False when there is no session to be found.

        What rests on one that Redis lost can't be found either, and ends by itself (ADR 0013).

        `client_id` is the app that asked for it, if any.
        """
        session = self.known(cookie)
        if cookie is None or session is None:
            return False
        self.end(cookie, session, at, reason="logged_out", client_id=client_id)
        return True

    def end(
        self, cookie: str, session: Session, at: datetime, *, reason: str, client_id: ClientId | None = None
    ) -> None:
        """End the session that this cookie finds."""
        self.end_at(self.sessions.place(cookie), session, at, reason=reason, client_id=client_id)

    def end_at(
        self, place: str, session: Session, at: datetime, *, reason: str, client_id: ClientId | None = None
    ) -> None:
        """End this session, then its grants with its event and what its apps must hear, and only then remove it.

        In this order. A code that is being redeemed writes its grant and then asks whether the session has ended: its
        grant is either seen here or refused there. And whatever fails leaves the session to be found, so that logging
        out can be tried again: then the event and the notices may come twice, but no grant is left to live on unseen.
        """
        self.sessions.end(session.sid)
        with self.work() as tx:
            tx.grants.end_session(session.sid)
            tx.audit.append(
                SessionEnded(
                    actor=session.person_id,
                    represented=session.person_id,
                    client_id=client_id,
                    sid=session.sid,
                    reason=reason,
                ),
                at=at,
            )
            self.notices.queue(tx, session, at)
            tx.commit()
        self.sessions.remove(place)
