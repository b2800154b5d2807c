"""Telling data sources that what a token rests on has ended (RFC 8417): those that registered to hear it.

A source that asks VAD about every token needs none of this. One that reads tokens by itself would otherwise honour
those that are out until they end.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain import claims
from vad.domain.client import ResourceServer
from vad.domain.consent import Consent
from vad.domain.identifiers import ClientId, PersonId
from vad.domain.security_event import SecurityEvent
from vad.services.ports.outbox import Outbox
from vad.services.ports.records import Registrations, UnitOfWork
from vad.services.ports.tokens import Pairwise, Randomness

SECURITY_EVENT = "security-event"
"""Kind of outbox message: a source must hear that tokens are not to be honoured any more.

It holds `resource`, `client_id`, `event`, `sub` where it is about a person, `act` where somebody acted, `jti`, `txn`
and `iat`, no more.
"""


class Queueing(Protocol):
    """The store that a message takes, of one transaction."""

    @property
    def outbox(self) -> Outbox:
        """Where it waits."""


@dataclass(frozen=True, slots=True)
class SecurityEvents:
    """Queues what `vad worker` then delivers, in the transaction of its cause: neither is without the other."""

    registrations: Registrations
    pairwise: Pairwise
    random: Randomness

    def mandate_revoked(self, tx: UnitOfWork, represented: PersonId, representative: PersonId, at: datetime) -> int:
        """Somebody may no longer act for another. Returns how many messages were queued.

        For each app and source for which the representative's consent about the represented stands: only there can a
        token be out. So call it before those consents end.
        """
        given = (each for each in tx.consents.live(representative, at) if each.subject == represented)
        return self._queue(tx, SecurityEvent.MANDATE_REVOKED, given, at)

    def consents_withdrawn(self, tx: UnitOfWork, consents: Iterable[Consent], at: datetime) -> int:
        """Somebody stopped these consents. Returns how many messages were queued."""
        return self._queue(tx, SecurityEvent.CONSENT_WITHDRAWN, consents, at)

    def client_stopped(self, tx: Queueing, client_id: ClientId, sources: Iterable[ResourceServer], at: datetime) -> int:
        """All that an app was given is over, for everybody: one message for each of these sources, not for each person.

        Returns how many messages were queued.
        """
        said = {"client_id": client_id, "event": SecurityEvent.CLIENT_STOPPED.value, "txn": self.random.token()}
        return sum(self._add(tx, source, said, at) for source in sources)

    def _queue(self, tx: UnitOfWork, event: SecurityEvent, consents: Iterable[Consent], at: datetime) -> int:
        cause, queued = self.random.token(), 0
        for consent in consents:
            source = self.registrations.resource_server(consent.resource)
            client = self.registrations.client(consent.client_id)
            if client is None or source is None:
                continue
            # The very names that the tokens of this app for this source bear, and no other way to know the person.
            sector = claims.sector_of_client_at_source(client, source)
            said = {"client_id": client.client_id, "event": event.value, "txn": cause}
            said["sub"] = self.pairwise.subject(sector, consent.subject)
            if consent.person_id != consent.subject:
                said["act"] = self.pairwise.subject(sector, consent.person_id)
            queued += self._add(tx, source, said, at)
        return queued

    def _add(self, tx: Queueing, source: ResourceServer, said: Mapping[str, str], at: datetime) -> int:
        if not source.active or not source.security_events_uri:
            return 0
        known = {"resource": source.identifier, "jti": self.random.token(), "iat": int(at.timestamp())}
        tx.outbox.add(SECURITY_EVENT, {**known, **said}, at)
        return 1
