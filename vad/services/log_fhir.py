"""Events of the log as AuditEvent resources of FHIR R4: one JSON object a line (NDJSON).

Two agents: who did it, and the app through which. Whose data it is about is an entity, whom the evidence names another,
the data source one more, and the log itself the last, which tells all the rest: nothing of an event is lost.
"""

import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vad.domain.ground import Basis
from vad.services.log_fhir_codes import (
    CODED,
    DICOM,
    FAILED,
    PURPOSES,
    SOURCE,
    STAFF_PURPOSE,
    SUCCEEDED,
    Code,
    coded,
    of_type,
)
from vad.services.log_formats import columns, moment
from vad.services.ports.log_export import SealedEvent
from vad.services.ports.log_search import LoggedEvent
from vad.services.ports.tokens import PersonReferences

_NAMED: Final = "Whom it names is an entity too: type 1 (person), role 6 (user); `detail` says by which key"
FIELDS: Final[tuple[tuple[str, str, str], ...]] = (
    ("event_id", "AuditEvent.id", "also the identifier of the entity of the log"),
    ("recorded_at", "AuditEvent.recorded", "UTC, to the microsecond"),
    ("type", "AuditEvent.type, .subtype, .action", "subtype is the type itself; the others follow from it"),
    ("outcome", "AuditEvent.outcome", "0: success; 4: refused"),
    ("reason", "AuditEvent.outcomeDesc", ""),
    ("basis", "AuditEvent.purposeOfEvent", "as v3-ActReason, and as it is"),
    ("actor", "AuditEvent.agent[0].who.identifier", "the keyed reference; requestor"),
    ("staff", "AuditEvent.agent[0].who.identifier", "the account; requestor"),
    ("origin", "AuditEvent.agent[0].network.address", "type 2 (IP address) where it is one"),
    ("client_id", "AuditEvent.agent[1].who.identifier", "VAD itself where no app took part"),
    ("represented", "AuditEvent.entity.what.identifier", "type 1 (person), role 1 (patient); the keyed reference"),
    ("resource", "AuditEvent.entity.what.identifier", "type 2 (system), role 17 (data repository)"),
    ("sid", "AuditEvent.entity.detail", "of the entity of the log"),
    ("grant_id", "AuditEvent.entity.detail", "of the entity of the log"),
    ("request_id", "AuditEvent.entity.detail", "of the entity of the log"),
    ("correlation_id", "AuditEvent.entity.detail", "of the entity of the log"),
    ("txid", "AuditEvent.entity.detail", "of the entity of the log"),
    ("commitment", "AuditEvent.entity.detail", "of the entity of the log"),
    ("evidence", "AuditEvent.entity.detail", f"of the entity of the log; each value as JSON, `evidence.…`. {_NAMED}"),
)
"""Each column of the log, where it stands, and how."""
_DETAILS: Final = ("sid", "grant_id", "request_id", "correlation_id", "txid", "commitment")


@dataclass(frozen=True, slots=True)
class FhirAuditEvents:
    """Writes them, for one issuer."""

    issuer: str
    references: PersonReferences

    def lines(self, events: Iterable[SealedEvent]) -> Iterator[str]:
        """One resource a line."""
        for each in events:
            yield json.dumps(self.resource(each), ensure_ascii=False, separators=(",", ":")) + "\n"

    def resource(self, sealed: SealedEvent) -> Mapping[str, Any]:
        """The resource of one event."""
        event = sealed.event
        kind = of_type(event.type)
        made: dict[str, Any] = {
            "resourceType": "AuditEvent",
            "id": str(event.event_id),
            "type": coded(Code(DICOM, kind.code, kind.display)),
            "subtype": [{"system": self._system("CodeSystem", "audit-event"), "code": event.type}],
            "action": kind.action,
            "recorded": moment(event.recorded_at),
            "outcome": SUCCEEDED if event.outcome == "success" else FAILED,
        }
        if event.reason:
            made["outcomeDesc"] = event.reason
        purposes = self._purposes(event)
        if purposes:
            made["purposeOfEvent"] = [{"coding": purposes}]
        made["agent"] = [self._requestor(event), self._app(event)]
        made["source"] = {"observer": self._who("issuer", self.issuer), "type": [coded(SOURCE)]}
        made["entity"] = self._entities(sealed)
        return made

    def _purposes(self, event: LoggedEvent) -> list[dict[str, str]]:
        if event.staff is not None:
            return [coded(STAFF_PURPOSE)]
        if event.basis is None:
            return []
        ours = {"system": self._system("CodeSystem", "basis"), "code": event.basis}
        known = PURPOSES.get(Basis(event.basis)) if event.basis in set(Basis) else None
        return [ours] if known is None else [coded(known), ours]

    def _requestor(self, event: LoggedEvent) -> dict[str, Any]:
        agent: dict[str, Any] = {"requestor": True}
        if event.staff is not None:
            agent |= {"type": {"coding": [coded(CODED["human"])]}, "who": self._who("staff", str(event.staff))}
        elif event.actor is not None:
            who = self._who("person", self.references.of(event.actor))
            agent |= {"type": {"coding": [coded(CODED["human"])]}, "who": who}
        else:
            agent |= {"type": {"coding": [coded(CODED["app"])]}, "who": self._who("issuer", self.issuer)}
        if event.origin:
            agent["network"] = _network(event.origin)
        return agent

    def _app(self, event: LoggedEvent) -> dict[str, Any]:
        who = self._who("client", event.client_id) if event.client_id else self._who("issuer", self.issuer)
        return {"type": {"coding": [coded(CODED["app"])]}, "who": who, "requestor": False}

    def _entities(self, sealed: SealedEvent) -> list[dict[str, Any]]:
        event, found = sealed.event, []
        if event.represented is not None:
            who = self._who("person", self.references.of(event.represented))
            found.append({"what": who, "type": coded(CODED["person"]), "role": coded(CODED["patient"])})
        for key, person in event.others:
            who = self._who("person", self.references.of(person))
            named: dict[str, Any] = {"what": who, "type": coded(CODED["person"]), "role": coded(CODED["user"])}
            found.append(named | {"detail": [{"type": "named", "valueString": key}]})
        if event.resource is not None:
            what = self._who("resource", event.resource)
            found.append({"what": what, "type": coded(CODED["system"]), "role": coded(CODED["repository"])})
        told = columns(event)
        details = {name: told[name] for name in _DETAILS if told[name]}
        if sealed.leaf_index is not None:
            details["leaf_index"] = str(sealed.leaf_index)
        for name, value in event.evidence.items():
            details[f"evidence.{name}"] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        entry: dict[str, Any] = {"what": self._who("event", str(event.event_id)), "type": coded(CODED["other"])}
        entry |= {"role": coded(CODED["security"])}
        entry["detail"] = [{"type": name, "valueString": value} for name, value in details.items()]
        return [*found, entry]

    def _who(self, naming: str, value: str) -> dict[str, Any]:
        return {"identifier": {"system": self._system("NamingSystem", naming), "value": value}}

    def _system(self, kind: str, name: str) -> str:
        return f"{self.issuer}/fhir/{kind}/{name}"


def _network(origin: str) -> dict[str, str]:
    try:
        ipaddress.ip_network(origin, strict=False)
    except ValueError:
        return {"address": origin}
    return {"address": origin, "type": "2"}
