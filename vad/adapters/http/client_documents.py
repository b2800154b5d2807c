"""What apps publish beside their keys: the redirect URIs of a sector, and requests that the browser only names."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from vad.adapters.http.guarded import GuardedCallers
from vad.domain.client import Client
from vad.domain.errors import RegisterUnavailableError
from vad.domain.registration_fault import FaultKind
from vad.services.ports.registering import NotReadError, RegistrationFaultError

_REQUESTS = ("application/oauth-authz-req+jwt", "application/jwt", "application/jose")
"""RFC 9101 section 10.5, as OpenID Connect had it, and what any signed value is (RFC 7515 section 9.2.1)."""
_MOST_AT_ONCE, _MOST_OF_ONE = 4, 2
"""Of the threads of one process: of all apps together, and of one."""


@dataclass(frozen=True, slots=True)
class GuardedSectors:
    """`vad.services.ports.registering.SectorDocuments`."""

    callers: GuardedCallers

    def check(self, client: Client) -> None:
        if not client.sector_identifier_uri:
            return
        member = "sector_identifier_uri"
        try:
            listed = self.callers.to(client.client_id).get(client.sector_identifier_uri).json
        except RegisterUnavailableError as error:
            raise NotReadError([FaultKind.NOT_READ.at(member, why=str(error))]) from None
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise RegistrationFaultError([FaultKind.NO_LIST.at(member)])
        if not {*client.redirect_uris} <= {*listed}:
            raise RegistrationFaultError([FaultKind.NOT_LISTED.at(member)])


class GuardedRequests:
    """`vad.services.ports.outside.PublishedRequests`. Nothing is kept: what is there now is what the app asks.

    Anybody can have these read, so few are at a time, of all apps together; nobody waits for another's.
    """

    def __init__(self, callers: GuardedCallers) -> None:
        self._callers = callers
        self._reading = Lock()
        self._under_way: Counter[str] = Counter()

    def read(self, client: Client, address: str) -> str:
        fetched, _, _ = address.partition("#")
        with self._place(client.client_id):
            answer = self._callers.to(client.client_id).get(fetched, content_types=_REQUESTS)
        try:
            return answer.body.decode("ascii").strip()
        except ValueError:
            raise RegisterUnavailableError("a request object that is no ASCII") from None

    @contextmanager
    def _place(self, whose: str) -> Iterator[None]:
        """Before the door to the app: that there are too many says nothing against it."""
        with self._reading:
            if self._under_way.total() >= _MOST_AT_ONCE or self._under_way[whose] >= _MOST_OF_ONE:
                raise RegisterUnavailableError("too many requests are read at the same time")
            self._under_way[whose] += 1
        try:
            yield
        finally:
            with self._reading:
                self._under_way[whose] -= 1
                if not self._under_way[whose]:
                    del self._under_way[whose]
