"""Events of the log as text: CSV for people with a spreadsheet, JSON Lines for programs that hash them again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from vad.domain.identifiers import PersonId
from vad.services.ports.log_export import SealedEvent
from vad.services.ports.log_search import LoggedEvent
from vad.services.ports.tokens import PersonReferences
from vad.services.spreadsheet import BOM, row

COLUMNS: Final = (
    "event_id",
    "recorded_at",
    "type",
    "outcome",
    "actor",
    "staff",
    "represented",
    "client_id",
    "resource",
    "basis",
    "reason",
    "sid",
    "grant_id",
    "request_id",
    "correlation_id",
    "origin",
    "txid",
    "commitment",
    "evidence",
)
"""Of the log, in the order of the table; what may have to be erased is in no export."""
_OURS: Final = ("actor_reference", "represented_reference", "named_references", "leaf_index")


def moment(at: datetime) -> str:
    """A moment as every format writes it (RFC 3339)."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def as_csv(events: Iterable[SealedEvent], references: PersonReferences) -> Iterator[str]:
    """One line an event (RFC 4180, UTF-8), after one that names the columns."""
    yield BOM + row((*COLUMNS, *_OURS))
    for each in events:
        told = columns(each.event)
        people = references_of(each.event, references)
        leaf = "" if each.leaf_index is None else str(each.leaf_index)
        ours = (people.get("actor", ""), people.get("represented", ""), " ".join(people.get("named", ())), leaf)
        yield row((*(told[name] for name in COLUMNS), *ours))


def as_json_lines(events: Iterable[SealedEvent], references: PersonReferences) -> Iterator[str]:
    """One object a line. `event` holds the very bytes that the leaf holds (RFC 8785)."""
    for each in events:
        leaf = json.dumps(each.leaf_index)
        people = json.dumps(references_of(each.event, references), separators=(",", ":"))
        yield f'{{"event":{each.entry.decode()},"leaf_index":{leaf},"references":{people}}}\n'


def columns(event: LoggedEvent) -> Mapping[str, str]:
    """What the columns of the log say, as text; empty where they say nothing."""
    return {name: _text(getattr(event, name)) for name in COLUMNS}


def references_of(event: LoggedEvent, references: PersonReferences) -> dict[str, Any]:
    """How staff name the people of an event; `named`: those of its evidence, in its order."""
    people: Mapping[str, PersonId | None] = {"actor": event.actor, "represented": event.represented}
    told: dict[str, Any] = {name: references.of(person) for name, person in people.items() if person is not None}
    named = [references.of(person) for _, person in event.others]
    return {**told, "named": named} if named else told


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return str(value)
