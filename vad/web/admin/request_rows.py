"""What a request asks for, in rows that a page shows: nothing that its payload holds is left out."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from vad.domain.approval import StaffRequest
from vad.domain.identifiers import PersonId
from vad.services import (
    agreed_commands,
    client_changes,
    client_member_changes,
    mandate_legal,
    mandate_legal_renewal,
    staff_blocks,
    unmasking,
)
from vad.services.log_months import MOST, HeldMonth
from vad.web.admin.words import PURPOSES
from vad.web.support.event_words import EVENTS
from vad.web.support.i18n import msgid

TITLES: Final[Mapping[str, str]] = {
    staff_blocks.PLACE: msgid("Place a block"),
    staff_blocks.LIFT: msgid("Lift a block"),
    mandate_legal.MAKE: msgid("Make a legal authorisation"),
    mandate_legal_renewal.RENEW: msgid("Let a legal authorisation go on"),
    mandate_legal.END: msgid("End a legal authorisation"),
    unmasking.UNMASK: msgid("Show who people are"),
    agreed_commands.ROTATE: msgid("Take the next step with a key of VAD"),
    agreed_commands.RETIRE: msgid("Destroy a past key of VAD"),
    agreed_commands.ERASE: msgid("Erase what an event keeps apart"),
    agreed_commands.PURGE: msgid("Take a month out of the database"),
    client_changes.REGISTER: msgid("Register an app"),
    client_changes.KEYS: msgid("Change the keys of an app"),
    client_member_changes.CHANGE: msgid("Change what is registered of an app"),
    client_changes.ADMIT: msgid("Admit an app to an organisation"),
    client_changes.ENABLE: msgid("Put an app back into service"),
    client_changes.SOURCE_KEY: msgid("Change the key of an organisation"),
}
"""What each kind is called."""
_LABELS: Final[Mapping[str, str]] = {
    "subject": msgid("Whose data"),
    "represented": msgid("Whose data"),
    "against": msgid("Who may not act"),
    "representative": msgid("Who acts"),
    "reason": msgid("Kind of reason"),
    "until": msgid("Last day"),
    "ends_at": msgid("Look at it again before"),
    "legal_kind": msgid("Kind"),
    "reference": msgid("Reference to the decision"),
    "permissions": msgid("May see"),
    "client_id": msgid("App"),
    "resource": msgid("Organisation"),
    "before": msgid("Now"),
    "ends_before": msgid("Last day now"),
    "services": msgid("After this"),
    "after": msgid("After this"),
    "keys": msgid("Keys after this"),
    "jwks_uri": msgid("Address of the keys after this (jwks_uri)"),
    "key": msgid("Key after this"),
    "client": msgid("Registration"),
    "block": msgid("Block"),
    "mandate": msgid("Authorisation"),
    "persons": msgid("Persons"),
    "purpose": msgid("What it is for"),
    "event": msgid("Event"),
    "event_type": msgid("Kind"),
    "recorded_at": msgid("When it happened"),
    "staff": msgid("Account of staff"),
    "month": msgid("Month"),
    "events": msgid("Events in it when this was asked"),
}
_PERSONS = frozenset({"subject", "represented", "against", "representative"})
_DAYS = frozenset({"until", "ends_at", "ends_before"})
EVERYBODY = msgid("Everybody")
CODES: Final[Mapping[str, str]] = {
    "safety": msgid("Somebody is not safe"),
    "care_provider": msgid("A care provider asks for it"),
    "decision": msgid("A decision that the BRP does not show"),
    "curator": msgid("Curator"),
    "mentor": msgid("Mentor"),
    "guardian": msgid("Guardian"),
    "of_young_person": msgid("For a young person who cannot decide"),
}


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One row. `label` is to be translated, and `value` where `known`."""

    label: str
    value: str
    known: bool = False
    day: datetime | None = None
    code: str = ""
    """What the log and the command have for it; nothing where that is the value itself."""


def rows(request: StaffRequest, reference: Callable[[PersonId], str]) -> list[RequestRow]:
    """What it asks for; people by their references."""
    return [_row(name, value, reference) for name, value in request.payload.items()]


def of_month(month: HeldMonth) -> list[RequestRow]:
    """What the database holds of a month now."""
    number = f"{MOST} +" if month.events == MOST else str(month.events)
    left = [] if month.purged_at is None else [RequestRow(msgid("Left the database on"), "", day=month.purged_at)]
    return [RequestRow(msgid("Events in the database now"), number), *left]


def _row(name: str, value: object, reference: Callable[[PersonId], str]) -> RequestRow:
    label = _LABELS.get(name, name)
    if name in _PERSONS:
        return RequestRow(label, reference(PersonId(UUID(str(value)))) if value else EVERYBODY, known=not value)
    if name in _DAYS:
        # The moment is the midnight after the last day.
        return RequestRow(label, "", day=datetime.fromisoformat(str(value)) - timedelta(hours=1))
    if name == "persons" and isinstance(value, list):
        return RequestRow(label, "\n".join(reference(PersonId(UUID(str(each)))) for each in value))
    words = {"purpose": PURPOSES, "event_type": EVENTS}.get(name, {})
    if str(value) in words:
        return RequestRow(label, words[str(value)], known=True, code=str(value))
    if isinstance(value, str):
        return RequestRow(label, CODES.get(value, value), known=value in CODES)
    return RequestRow(label, json.dumps(value, ensure_ascii=False, indent=1))
