"""The activity as a file: CSV (RFC 4180) for people with a spreadsheet, JSON for programs. Written as it is read."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import unescape

from flask import get_template_attribute

from vad.services.activity_entries import ActivityEntry, Party
from vad.services.spreadsheet import BOM, row
from vad.web.support.i18n import _


def as_csv(entries: Iterable[ActivityEntry]) -> Iterator[str]:
    """Lines of a table, in the words of the page."""
    happened, who, for_whom, ground = (
        get_template_attribute("activity_words.html", name) for name in ("happened", "who", "for_whom", "ground")
    )
    columns = (
        _("Date and time"),
        _("What happened"),
        _("Who"),
        _("For"),
        _("App"),
        _("Organisation"),
        _("Allowed because"),
        _("Result"),
        _("Number"),
    )
    results = {"success": _("Succeeded"), "refused": _("Refused")}
    yield BOM + row(columns)
    for entry in entries:
        yield row(
            (
                entry.at.isoformat(timespec="seconds"),
                _text(happened(entry)),
                _text(who(entry)),
                _text(for_whom(entry.represented)),
                entry.app or "",
                entry.source or "",
                _text(ground(entry)),
                results.get(entry.outcome, entry.outcome),
                str(entry.event_id),
            )
        )


def as_json(entries: Iterable[ActivityEntry], at: datetime) -> Iterator[str]:
    """One object, with the events as `docs/activity.md` describes them."""
    yield f'{{"madeAt":{json.dumps(at.isoformat(timespec="seconds"))},"events":['
    for number, entry in enumerate(entries):
        yield ("," if number else "") + json.dumps(_described(entry), ensure_ascii=False, separators=(",", ":"))
    yield "]}\n"


def _described(entry: ActivityEntry) -> dict[str, object]:
    return {
        "id": str(entry.event_id),
        "at": entry.at.isoformat(timespec="milliseconds"),
        "type": entry.type,
        "outcome": entry.outcome,
        "who": _party(entry.actor),
        "staff": entry.by_staff,
        "for": _party(entry.represented),
        "app": entry.app,
        "source": entry.source,
        "ground": entry.basis,
        "reason": entry.reason,
    }


def _party(party: Party | None) -> dict[str, object] | None:
    return None if party is None else {"you": party.oneself, "name": party.name}


def _text(markup: object) -> str:
    return unescape(str(markup)).strip()
