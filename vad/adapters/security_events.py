"""Delivering security event tokens to data sources by push over HTTP (RFC 8935)."""

from datetime import datetime
from pathlib import Path
from threading import Lock

from vad.adapters.http.caller import HttpCaller, Limits
from vad.adapters.http.deadline import DeadlineAdapter
from vad.adapters.jose.security_event_tokens import SecurityEventTokens
from vad.domain.identifiers import ResourceId
from vad.services.deliveries import UndeliverableError
from vad.services.ports.outbox import OutboxMessage
from vad.services.ports.records import Registrations
from vad.services.trace_context import Calls

_TAKEN, _REFUSED = 202, 400
CONTENT_TYPE = "application/secevent+jwt"


class SecurityEventDelivery:
    """`vad.services.deliveries.Deliverer` for messages of kind `security-event`."""

    def __init__(
        self,
        registrations: Registrations,
        tokens: SecurityEventTokens,
        limits: Limits,
        calls: Calls | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._registrations = registrations
        self._tokens = tokens
        self._limits = limits
        self._calls = calls
        self._ca_file = ca_file
        self._callers: dict[ResourceId, HttpCaller] = {}
        self._adding = Lock()

    def __call__(self, message: OutboxMessage, _at: datetime) -> None:
        """Deliver. A source that is not registered for it any more has nothing to hear."""
        source = self._registrations.resource_server(str(message.payload["resource"]))
        if source is None or not source.active or not source.security_events_uri:
            return
        # Signed now: a key that was in use when it was queued may be gone.
        token = self._tokens.sign(source, message)
        status = self._caller(source.identifier).hand_over(
            source.security_events_uri,
            token.encode(),
            content_type=CONTENT_TYPE,
            headers={},
            statuses={_TAKEN, _REFUSED},
        )
        if status == _REFUSED:
            # Section 2.3: the source can't do anything with this token. It could not do so tomorrow either.
            raise UndeliverableError(f"{source.identifier} refused a security event token")

    def _caller(self, source: ResourceId) -> HttpCaller:
        """Each source has its own connections and its own circuit: one that hangs must not hold up another."""
        with self._adding:
            if source not in self._callers:
                adapter = DeadlineAdapter(connections=self._limits.connections, ca_file=self._ca_file)
                self._callers[source] = HttpCaller(
                    f"security events {source}", limits=self._limits, adapter=adapter, calls=self._calls
                )
            return self._callers[source]
