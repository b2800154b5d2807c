"""Pushed authorization requests (RFC 9126): an app sends what it asks ahead, and the browser brings a name for it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.authorization import AuthorizationRequest
from vad.domain.client import Client
from vad.domain.errors import ProtocolError, StaleFlowError
from vad.domain.session import ABSOLUTE_LIFE
from vad.services.ports.tokens import Randomness
from vad.services.ports.volatile import PUSHED_LIFE, PushedRequests, ReplayGuard

PREFIX = "urn:ietf:params:oauth:request_uri:"
_ANSWERED = "pushed_request"
_REMEMBERED = PUSHED_LIFE + 2 * ABSOLUTE_LIFE
"""As long as a browser may be on its way with a request of its name."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the app gets for its request (RFC 9126 section 2.2)."""

    request_uri: str
    expires_in: int
    """Seconds in which a browser must come with it."""


@dataclass(frozen=True, slots=True)
class PushedAuthorization:
    """The use case."""

    requests: PushedRequests
    random: Randomness
    replay: ReplayGuard

    def push(self, request: AuthorizationRequest) -> Pushed:
        """Keep a request that was checked whole, for its client alone."""
        name = self.random.token()
        self.requests.add(replace(request, pushed=_place(name)))
        return Pushed(PREFIX + name, int(PUSHED_LIFE.total_seconds()))

    def taken_up(self, request_uri: str, client: Client, flow: str, at: datetime) -> AuthorizationRequest:
        """The request of this name, on its way under this flow. Changes nothing: a page may be loaded twice.

        Raises `ProtocolError` `invalid_request_uri` for a name that is not known any more, or is another client's
        (RFC 9126 section 4).
        """
        named = request_uri.startswith(PREFIX)
        request = self.requests.get(_place(request_uri.removeprefix(PREFIX))) if named else None
        if request is None or request.client_id != client.client_id:
            raise ProtocolError("invalid_request_uri", "the request_uri is not known, or not any more")
        return replace(request, flow=flow, received_at=at)

    def answer(self, request: AuthorizationRequest, at: datetime) -> None:
        """This request gets its answer: each name leads to one, a code or a refusal, however many browsers came.

        Raises `StaleFlowError` where another was first.
        """
        if not request.pushed:
            return
        first = self.replay.first_use(_ANSWERED, request.pushed, at + _REMEMBERED, at)
        self.requests.remove(request.pushed)
        if not first:
            raise StaleFlowError("another browser was first with this pushed request")


def _place(name: str) -> str:
    """Where it is kept: of 256 random bits, so that whoever reads that finds no name."""
    return hashlib.sha256(name.encode()).hexdigest()
