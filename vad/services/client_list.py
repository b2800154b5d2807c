"""Keeping the clients of the ministry's list in step with it. What can't be read changes nothing, but for who ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from vad.domain.errors import UnavailableError
from vad.domain.identifiers import ClientId
from vad.domain.profile import ClientAuthentication
from vad.services.ports.outbox import OutboxMessage
from vad.services.ports.records import UnitOfWorkFactory

CLIENT_LIST: Final = "client_list"
"""The kind of the outbox: somebody said that the list changed."""
_MOST_WAITING = 2
"""For one the list may be being read right now, and may have been read before this change."""


@dataclass(frozen=True, slots=True)
class ListedClient:
    """One client as the list has it."""

    client_id: ClientId
    organisation: str
    redirect_uris: tuple[str, ...]
    method: ClientAuthentication
    secret_sha256: str | None
    active: bool

    @property
    def name(self) -> str:
        """What people read: the list has no name for them, so it is the host that they return to."""
        return urlsplit(self.redirect_uris[0]).hostname or self.organisation


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """An entry that can't be followed: its client stays as it is."""

    client_id: ClientId | None
    """None where it does not even say that."""
    stopped: bool
    """It says that the client is not active. That is followed, whatever else is wrong with it."""
    fault: str


class ClientListSource(Protocol):
    """Where the list is."""

    def read(self) -> tuple[ListedClient | NotUnderstood, ...]:
        """All of it. Raises `RegisterUnavailableError` when it can't be had, or is no such list."""


class ClientListStore(Protocol):
    """The registrations that come from the list, and no others."""

    def take(self, source: ClientListSource, at: datetime) -> Mapping[str, Sequence[str]]:
        """Read the list and make them what it says, one caller at a time: which clients, by what became of them.

        `changed`, `deactivated` (not on it any more, or not active there), and `left_alone`: somebody else looks after
        these. What a deactivated client was given ends. `faults`: of entries that were not understood.
        """


@dataclass(frozen=True, slots=True)
class ClientListAnnounced:
    """The use case of whoever says that the list changed. Nothing that they send is believed, but for that.

    However many say so, the list is read once after the last of them; and once before, where that began already.
    """

    work: UnitOfWorkFactory

    def __call__(self, at: datetime) -> None:
        """Have the list read soon."""
        with self.work() as tx:
            waiting = sum(each.waiting for each in tx.outbox.backlog() if each.kind == CLIENT_LIST)
            if waiting < _MOST_WAITING:
                tx.outbox.add(CLIENT_LIST, {}, at)
            tx.commit()


class ClientListLog(Protocol):
    """Tells operators."""

    def taken(self, became: Mapping[str, Sequence[str]], /) -> None:
        """What became of which clients."""

    def kept(self, reason: str, /) -> None:
        """The list, or one entry of it, could not be read."""


@dataclass(frozen=True, slots=True)
class ClientListSync:
    """The use case of the worker."""

    source: ClientListSource
    store: ClientListStore
    log: ClientListLog

    def __call__(self, _message: OutboxMessage, at: datetime) -> None:
        """Deliver one announcement. Raises `UnavailableError`, to be tried again."""
        self.run(at)

    def chore(self, at: datetime) -> int:
        """Read the list though nobody announced anything. A list that is away holds nothing else up."""
        try:
            self.run(at)
        except UnavailableError as error:
            self.log.kept(str(error))
        return 0

    def run(self, at: datetime) -> Mapping[str, Sequence[str]]:
        """Read and take it. Raises `UnavailableError`."""
        became = {**self.store.take(self.source, at)}
        for fault in became.pop("faults"):
            self.log.kept(fault)
        if any(became.values()):
            self.log.taken(became)
        return became
