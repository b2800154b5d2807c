"""Clients, data sources and data services from memory, and how a process learns that they changed.

Every change of theirs raises `configuration_version` in the same transaction. A process sees it in two ways:

- whoever reads a person or a grant, as everything that leads to a code or a token does, is given the version along with
  it (`query.VersionedQuery`); a new one is read at once, on the same connection;
- a process that did neither for a second asks before it answers from memory: one small SELECT a second at most.

Whom memory does not hold may have registered itself at another process a moment ago. So a process asks for such a name
as well, at most once in `_STRANGERS_SECONDS`: whoever makes names up makes it ask no oftener.

When PostgreSQL does not answer, what is in memory goes on serving: pages can say by name what does not work, and
nothing can be issued from it, for every code and every token needs a commit. Without anything in memory there is no
answer.
"""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace

import structlog

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_queries import Snapshot, current_version, read_snapshot
from vad.adapters.postgres.transaction import Notice, Transaction
from vad.domain.client import Client, DataService, ResourceServer
from vad.domain.errors import StoreUnavailableError
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles

_TRUSTED_SECONDS = 1.0
_STRANGERS_SECONDS = 0.01
"""For so long after it asked a process knows that nobody else is registered."""
_WAIT_SECONDS = 0.2
"""For so long after a question was asked requests about strangers wait for the answer."""


class PostgresRegistrations:
    """`vad.services.ports.records.Registrations`.

    `clock` counts seconds and never goes back; `beside` hears every version too: keys are counted by the same number.

    Clients of other profiles than those allowed here (`profiles`) are not active, and neither are data sources whose
    access tokens would be signed as none of these profiles allows.

    Raises `StoreUnavailableError` as long as it could never read them.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float] = time.monotonic,
        beside: Notice | None = None,
        profiles: Collection[Profile] = tuple(Profile),
    ) -> None:
        self._allowed = Profiles(tuple(profiles))
        self._database = database
        self._beside = beside
        self._clock = clock
        self._asking = threading.Lock()
        self._loading = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._trusted_until = clock()
        self._asked = float("-inf")
        self._answered = True

    def client(self, client_id: str) -> Client | None:
        return self._holding(client_id).clients.get(client_id)

    def clients(self) -> tuple[Client, ...]:
        return tuple(self._current().clients.values())

    def resource_server(self, identifier: str) -> ResourceServer | None:
        return self._holding(identifier).resource_servers.get(identifier)

    def resource_servers(self) -> tuple[ResourceServer, ...]:
        return tuple(self._current().resource_servers.values())

    def data_service(self, data_service_id: str) -> DataService | None:
        return self._current().data_services.get(data_service_id)

    def data_services(self) -> tuple[DataService, ...]:
        return tuple(self._current().data_services.values())

    def refresh_if(self, version: int, transaction: Transaction) -> None:
        """Read what changed, in this transaction, if `version` is news. It is what `PostgresWork` takes as `notice`."""
        if self._beside is not None:
            self._beside(version, transaction)
        if self._knows(version):
            self._trusted_until = self._clock() + _TRUSTED_SECONDS
            return
        with self._loading:
            if not self._knows(version):
                self._snapshot = _served(read_snapshot(transaction), self._allowed)
            self._trusted_until = self._clock() + _TRUSTED_SECONDS

    def check(self) -> None:
        """Ask PostgreSQL now. Raises `StoreUnavailableError`; so it also tells whether PostgreSQL answers."""
        with Transaction(self._database) as transaction:
            self.refresh_if(current_version(transaction), transaction)

    def look(self) -> None:
        """See to it that what is in memory is of the last second, if PostgreSQL answers."""
        self._current()

    def _knows(self, version: int) -> bool:
        # A restored backup may count from a lower number: anything but the same is news.
        return self._snapshot is not None and self._snapshot.version == version

    def _current(self) -> Snapshot:
        snapshot = self._snapshot
        if snapshot is not None and self._clock() < self._trusted_until:
            return snapshot
        # One thread asks. Meanwhile the others go on with what there is, and only wait when there is nothing.
        if self._asking.acquire(blocking=snapshot is None):
            try:
                self._ask()
            finally:
                self._asking.release()
        if self._snapshot is None:
            raise StoreUnavailableError("PostgreSQL: the registrations could not be read")
        return self._snapshot

    def _holding(self, name: str) -> Snapshot:
        """What is registered, looked at anew where nobody has this name: an app, or a data source."""
        snapshot = self._current()
        # Callers are looked up as one and then as the other.
        if name in snapshot.clients or name in snapshot.resource_servers:
            return snapshot
        left = _WAIT_SECONDS if self._answered else self._asked + _WAIT_SECONDS - self._clock()
        if self._asking.acquire(timeout=max(left, 0)):
            try:
                if self._clock() >= self._asked + _STRANGERS_SECONDS:
                    self._ask_now()
            finally:
                self._asking.release()
        return self._snapshot or snapshot

    def _ask(self) -> None:
        if self._snapshot is None or self._clock() >= self._trusted_until:
            self._ask_now()

    def _ask_now(self) -> None:
        self._asked, self._answered = self._clock(), False
        try:
            self.check()
        except StoreUnavailableError:
            if self._snapshot is None:
                raise
            # Not again for every single request.
            self._asked = self._trusted_until = self._clock() + _TRUSTED_SECONDS
        finally:
            self._answered = True


def _served(snapshot: Snapshot, known: Profiles) -> Snapshot:
    clients = {
        name: client if client.profile in known.allowed else replace(client, active=False)
        for name, client in snapshot.clients.items()
    }
    sources = dict(snapshot.resource_servers)
    for name, source in snapshot.resource_servers.items():
        if source.active and source.access_token_signing_alg not in known.access_token_algorithms:
            sources[name] = replace(source, active=False)
            structlog.get_logger(__name__).error(
                "source_not_served",
                resource=name,
                reason=f"no profile of service.profiles allows access tokens signed with "
                f"{source.access_token_signing_alg}",
            )
    return replace(snapshot, clients=clients, resource_servers=sources)
