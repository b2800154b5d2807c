"""Logins that an app may renew, as apps of the ministry's own proof of concept do (ADR 0034).

An app renews what is its own: VAD's session is used by nobody but the person, and ends for all other apps as it would
have ended (rule 36).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.client import Client
from vad.domain.identifiers import ClientId
from vad.domain.session import Session
from vad.services.ports.renewable import RenewableLogin, RenewableLoginStore
from vad.services.ports.tokens import Randomness
from vad.services.ports.volatile import Sessions

LIFE = timedelta(seconds=910)
"""Of what is kept here."""
COOKIE_LIFE = LIFE - timedelta(seconds=10)
"""Of the cookie: it goes first, so that no browser sends one that nobody knows."""


@dataclass(frozen=True, slots=True)
class Handle:
    """What the browser gets, and until when."""

    value: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RenewableLogins:
    """The use cases. `allowed`: an operator wants them; otherwise nothing is kept or renewed."""

    store: RenewableLoginStore
    sessions: Sessions
    random: Randomness
    allowed: bool

    def begin(self, client: Client, session: Session, old: str | None, at: datetime) -> Handle | None:
        """After a login to this app; `old` is what the browser had before. None where there is none for this app."""
        if not (self.allowed and client.rules.renewable_login):
            return None
        if old is not None:
            self.store.remove(old)
        login = RenewableLogin(session.sid, client.client_id, session.ends_at)
        handle, life = self.random.token(), _life(login, at)
        if life <= timedelta():
            return None
        self.store.add(handle, login, life)
        return _handle(handle, login, at)

    def renew(self, handle: str | None, at: datetime) -> Handle | None:
        """The same handle for as long again, but never beyond the login. None when it is gone."""
        login = self._living(handle, at)
        if handle is None or login is None or not self.store.renew(handle, _life(login, at)):
            return None
        return _handle(handle, login, at)

    def session(
        self, client_id: ClientId, handle: str | None, session_cookie: str | None, at: datetime
    ) -> Session | None:
        """The session of this browser as this app kept it, as if the person had just done something; nothing is stored.

        It takes the browser's own session cookie too. The handle alone logs nobody in.
        """
        login = self._living(handle, at)
        if login is None or login.client_id != client_id or not session_cookie:
            return None
        session = self.sessions.get(session_cookie)
        if session is None or session.sid != login.sid or at >= session.ends_at:
            return None
        return session.active(at)

    def _living(self, handle: str | None, at: datetime) -> RenewableLogin | None:
        login = self.store.get(handle) if self.allowed and handle else None
        return login if login is not None and at < login.ends_at and not self.sessions.ended(login.sid) else None


def _life(login: RenewableLogin, at: datetime) -> timedelta:
    return min(LIFE, login.ends_at - at)


def _handle(value: str, login: RenewableLogin, at: datetime) -> Handle:
    return Handle(value, min(at + COOKIE_LIFE, login.ends_at))
