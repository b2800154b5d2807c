"""What ends with an app that is served no more, whoever stops it: staff, the ministry's list, or the app itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.client import ResourceServer
from vad.domain.identifiers import ClientId
from vad.services.ports.outbox import Outbox
from vad.services.ports.records import Grants
from vad.services.security_events import SecurityEvents


class Stopping(Protocol):
    """The stores that it takes, of one transaction."""

    @property
    def grants(self) -> Grants:
        """Which end."""

    @property
    def outbox(self) -> Outbox:
        """By which sources hear."""


@dataclass(frozen=True, slots=True)
class ClientStop:
    """Grants end, and the sources that admit the app hear in the same transaction that its tokens are over."""

    security_events: SecurityEvents

    def __call__(
        self, tx: Stopping, client_id: ClientId, sources: Iterable[ResourceServer], at: datetime
    ) -> Mapping[str, int]:
        """Do it; returns how many of each there were, for the event."""
        admitting = (source for source in sources if client_id in source.admitted)
        ended = tx.grants.end_client(client_id)
        return {"grants": ended, "sources_told": self.security_events.client_stopped(tx, client_id, admitting, at)}
