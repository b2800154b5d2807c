"""Logging out because an app asks for it (OIDC RP-Initiated Logout 1.0)."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from vad.domain.client import Client
from vad.domain.errors import ProtocolError, StaleFlowError
from vad.domain.identifiers import ClientId
from vad.domain.logout import HintState, LogoutRequest, LogoutStep, next_step
from vad.domain.session import ABSOLUTE_LIFE, Session
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import IdTokenHints, Pairwise, Randomness
from vad.services.ports.volatile import LogoutRequests
from vad.services.sessions import SessionService
from vad.services.subjects import Subjects


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a logout request, as they came; empty where they did not."""

    id_token_hint: str = ""
    client_id: str = ""
    post_logout_redirect_uri: str = ""
    state: str = ""
    ui_locales: str = ""


class UnknownAddressError(ProtocolError):
    """The app is not known, or the address to go on to is not one of its own: nobody is sent there."""

    def __init__(self, client: Client | None) -> None:
        super().__init__("invalid_request", "client_id or post_logout_redirect_uri is not registered")
        self.client = client


@dataclass(frozen=True, slots=True)
class Logout:
    """The use case."""

    registrations: Registrations
    hints: IdTokenHints
    work: UnitOfWorkFactory
    pairwise: Pairwise
    subjects: Subjects
    sessions: SessionService
    requests: LogoutRequests
    random: Randomness

    def read(self, asked: Asked, at: datetime) -> LogoutRequest:
        """Check what was asked. Raises `ProtocolError`; `UnknownAddressError` for an app or address that is unknown."""
        hint = self.hints.read(asked.id_token_hint) if asked.id_token_hint else None
        if hint is not None and asked.client_id and hint.client_id != asked.client_id:
            raise ProtocolError("invalid_request", "id_token_hint was given to another client_id")
        client_id = asked.client_id or (hint.client_id if hint else "")
        client = self._client(client_id)
        address = asked.post_logout_redirect_uri
        if (client_id and client is None) or (
            address and (client is None or not client.accepts_post_logout_redirect_uri(address))
        ):
            raise UnknownAddressError(client)
        state = HintState.NONE if not asked.id_token_hint else HintState.UNKNOWN if hint is None else HintState.KNOWN
        return LogoutRequest(
            client_id=client.client_id if client else None,
            hint=state,
            hint_sub=hint.sub if hint else "",
            hint_sid=hint.sid if hint else "",
            hint_over=hint is not None and hint.auth_time + ABSOLUTE_LIFE <= at,
            redirect_uri=address,
            state=asked.state,
            ui_locales=asked.ui_locales,
        )

    def wait(self, request: LogoutRequest) -> str:
        """Keep a request that came without its browser's cookies; the name to take it up by."""
        name = self.random.token()
        self.requests.add(name, request)
        return name

    def waiting(self, name: str) -> LogoutRequest:
        """Take out a request that waits: one winner. Raises `StaleFlowError` when none does under this name."""
        request = self.requests.take(name)
        if request is None:
            raise StaleFlowError("no request to log out waits here")
        return request

    def step(self, request: LogoutRequest, session: Session | None) -> LogoutStep:
        """What comes next in a browser with this session. Changes nothing."""
        same = session is not None and self._same(request, session)
        return next_step(request, session=session is not None, same=same)

    def end(self, request: LogoutRequest, cookie: str | None, at: datetime) -> bool:
        """End the session, with its event; False when there is none to be found."""
        return self.sessions.log_out(cookie, at, request.client_id)

    def client(self, request: LogoutRequest) -> Client | None:
        """The app that asks, if it is known and in service."""
        return self._client(request.client_id or "")

    def confirmed(self, client_id: str, redirect_uri: str, state: str, at: datetime) -> LogoutRequest:
        """What is left of a request once the person has answered. Raises `UnknownAddressError`."""
        return self.read(Asked(client_id=client_id, post_logout_redirect_uri=redirect_uri, state=state), at)

    def _same(self, request: LogoutRequest, session: Session) -> bool:
        client = self.client(request)
        if client is None or request.hint is not HintState.KNOWN:
            return False
        with self.work() as tx:
            person = tx.persons.get(session.person_id)
        known = () if person is None else self.subjects.all_of_client(client, person)
        sid = self.pairwise.session(session.sid, ClientId(client.client_id))
        theirs = any(_equal(sub, request.hint_sub) for sub in known)
        return _equal(sid, request.hint_sid) and theirs

    def _client(self, client_id: str) -> Client | None:
        client = self.registrations.client(client_id) if client_id else None
        return client if client is not None and client.active else None


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
