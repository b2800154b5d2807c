"""Which part of the log is meant, as it stands in an address: in the pages, the downloads and the API alike.

Persons stand there by their keyed references. A BSN never does, in whichever field it is typed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from werkzeug.datastructures import MultiDict

from vad.domain.age import AMSTERDAM
from vad.domain.audit import Outcome
from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId, GrantId, MandateId, ResourceId, Sid, StaffId
from vad.domain.justification import holds_bsn
from vad.services.log_filter_kept import kept, registered
from vad.services.ports.log_search import LogFilter
from vad.services.ports.records import Registrations
from vad.services.ports.tokens import PersonReferences

PERSONS: Final = ("person", "actor", "represented")
_TEXTS: Final[Mapping[str, Callable[[str], str]]] = {
    "client_id": ClientId,
    "resource": ResourceId,
    "reason": str,
    "sid": Sid,
    "correlation_id": str,
}
_IDS: Final[Mapping[str, Callable[[UUID], UUID]]] = {"staff": StaffId, "mandate": MandateId, "grant_id": GrantId}
_CODES: Final[Mapping[str, type[Outcome | Basis]]] = {"outcome": Outcome, "basis": Basis}
_FLAGS: Final = ("for_another",)
FOLLOWED: Final = ("sid", "grant_id", "correlation_id")
"""Nobody types these: the page of an event leads to all that has the same."""
FIELDS: Final = (
    *("since", "until", *PERSONS, "staff", "mandate", "client_id", "resource", "type", "outcome", "reason", "basis"),
    *(*_FLAGS, *FOLLOWED),
)
SHOWN: Final = timedelta(days=30)
"""Where no first day is given."""
_LONGEST, _MOST_TYPES = 200, 40
_TYPE = re.compile(r"[a-z_]{1,40}(?:\.[a-z_]{1,40}){1,3}", re.ASCII)
_FIRST, _LAST = 1900, 9000
"""Years of which every day has a midnight."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter, what was typed, and what of it makes no sense."""

    filter: LogFilter
    typed: Mapping[str, str]
    types: tuple[str, ...]
    problems: tuple[str, ...] = ()
    """Names of fields; `order` where the last day is before the first."""

    @property
    def query(self) -> list[tuple[str, str]]:
        """The same, for an address."""
        return [(name, value) for name, value in self.typed.items() if value and name != "type"] + [
            ("type", each) for each in self.types
        ]


def asked(args: "MultiDict[str, str]", references: PersonReferences, at: datetime) -> Asked:
    """What these arguments of an address say. What makes no sense is left out, and named."""
    typed = {name: args.get(name, "").strip()[:_LONGEST] for name in FIELDS}
    # The form has one field for them, which may name several.
    named = " ".join(args.getlist("type")).split()[:_MOST_TYPES]
    types = tuple(each for each in named if _TYPE.fullmatch(each))
    given: dict[str, Any] = {}
    problems = ["type"] if len(types) < len(named) else []
    for name, value in typed.items():
        if not value or name in {"since", "until", "type"}:
            continue
        read = _read(name, value, references)
        if read is None:
            problems.append(name)
        else:
            given[name] = read
    since, until, wrong = _period(typed, at)
    wanted = LogFilter(since=since, until=until, types=types, **given)
    return Asked(wanted, typed, types, (*wrong, *problems))


def told(wanted: LogFilter, registrations: Registrations) -> dict[str, Any]:
    """The same for the event of whoever looks: which people are meant is its `represented`, once for each.

    As `viewed` takes it: what was understood alone, and words of their own `apart`.
    """
    wanted, apart = kept(wanted, partial(registered, registrations))
    said: dict[str, Any] = {"since": wanted.since.isoformat(), "until": wanted.until.isoformat()}
    for name in sorted(wanted.named):
        value = getattr(wanted, name)
        if name in PERSONS:
            said["people"] = " ".join(filter(None, (said.get("people"), name)))
        else:
            said[name] = " ".join(sorted(value)) if name == "types" else str(value)
    return {**said, "apart": apart}


def _read(name: str, value: str, references: PersonReferences) -> object | None:
    if not value.isprintable():
        return None
    if name in PERSONS:
        return references.person(value)
    if name in _FLAGS:
        return True if value == "yes" else None
    try:
        if name in _IDS:
            return _IDS[name](UUID(value))
        if name in _CODES:
            return _CODES[name](value).value
    except ValueError:
        return None
    # An address is no place for a BSN, and the log keeps what was asked of it.
    return None if holds_bsn(value) else _TEXTS[name](value)


def _period(typed: Mapping[str, str], at: datetime) -> tuple[datetime, datetime, tuple[str, ...]]:
    problems = []
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        try:
            days[name] = day(typed[name]) if typed[name] else None
        except ValueError:
            days[name] = None
            problems.append(name)
    first, last = days["since"], days["until"]
    if first and last and last < first:
        first = last = None
        problems.append("order")
    until = midnight(last + timedelta(days=1)) if last else at + timedelta(seconds=1)
    return (midnight(first) if first else until - SHOWN), until, tuple(problems)


def day(text: str) -> date:
    """A day as a date field sends it (ISO 8601). Raises `ValueError`."""
    found = date.fromisoformat(text)
    if not _FIRST <= found.year <= _LAST:
        raise ValueError("not a day of any log")
    return found


def midnight(of: date) -> datetime:
    """When this day begins in the Netherlands."""
    return datetime.combine(of, time(), AMSTERDAM).astimezone(UTC)
