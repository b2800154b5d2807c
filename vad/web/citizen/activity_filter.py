"""What somebody wants to see of their activity, as it stands in the address: nothing in it says who or what.

Persons, apps and organisations have handles there that nobody else can read.
"""

import base64
import binascii
import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from flask import request

from vad.domain.activity import ActivityKind
from vad.domain.age import AMSTERDAM
from vad.domain.audit import Outcome
from vad.services.activity import Filter
from vad.services.ports.activity import Place

FIELDS: Final = (
    *(f"{end}_{part}" for end in ("van", "tot") for part in ("day", "month", "year")),
    "persoon",
    "app",
    "bron",
    "soort",
    "resultaat",
)
CURSOR: Final = "na"
_LONGEST: Final = 40
_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter, and what was typed."""

    filter: Filter
    typed: Mapping[str, str]
    problem: str | None = None
    """"van" or "tot": no date; "order": the end is before the beginning."""

    @property
    def query(self) -> dict[str, str]:
        """The same, for an address."""
        return {name: value for name, value in self.typed.items() if value}


def asked(at: datetime) -> Asked:
    """What the address of this request says. What makes no sense is left out, and a problem where people typed it."""
    typed = {name: request.args.get(name, "").strip()[:_LONGEST] for name in FIELDS}
    chosen = Filter(
        kind=next((kind for kind in ActivityKind if kind.value == typed["soort"]), None),
        outcome=next((outcome for outcome in Outcome if outcome.value == typed["resultaat"]), None),
        person=typed["persoon"],
        app=typed["app"],
        source=typed["bron"],
    )
    days: dict[str, date | None] = {}
    for end in ("van", "tot"):
        try:
            days[end] = _day(*(typed[f"{end}_{part}"] for part in ("year", "month", "day")))
        except ValueError:
            return Asked(chosen, typed, problem=end)
    since, last = days["van"], days["tot"]
    if since and last and last < since:
        return Asked(chosen, typed, problem="order")
    chosen = replace(
        chosen, since=_midnight(since) if since else None, until=_midnight(last + timedelta(days=1)) if last else None
    )
    if chosen.since and not chosen.until and chosen.since > at:
        return Asked(replace(chosen, since=None), typed, problem="van")
    return Asked(chosen, typed)


def cursor(place: Place) -> str:
    """The place for an address."""
    micro = calendar.timegm(place.at.utctimetuple()) * _MICRO + place.at.microsecond
    return base64.urlsafe_b64encode(micro.to_bytes(8) + place.event_id.bytes).decode()


def place() -> Place | None:
    """Where the page of this request begins; None: at the newest."""
    try:
        value = base64.b64decode(request.args.get(CURSOR, ""), altchars=b"-_", validate=True)
        seconds, micro = divmod(int.from_bytes(value[:8]), _MICRO)
        at = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=micro)
        return Place(at, UUID(bytes=value[8:]))
    except (binascii.Error, ValueError, OverflowError, OSError):
        return None


def _day(year: str, month: str, day: str) -> date | None:
    if not (year or month or day):
        return None
    if not all(part.isascii() and part.isdigit() for part in (year, month, day)):
        raise ValueError("not a day")
    found = date(int(year), int(month), int(day))
    if not 1900 <= found.year <= 9000:  # noqa: PLR2004 - of which every day has a midnight
        raise ValueError("not a day of this log")
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)
