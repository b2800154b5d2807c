"""What was done with the person's access (P13)."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, url_for

from vad.services.activity import ActivityEntry, Party
from vad.web.support import own_pages
from vad.web.support.own_session import page, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("activity", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the template wants it."""

    at: datetime
    who: str | None
    """"myself", a name, or "somebody" whose name cannot be had now; None where nobody did it."""
    represented: str
    app: str | None
    source: str | None
    ground: str | None
    result: str
    reason: str | None


@blueprint.get("/")
@blueprint.get("/mijn")
def home() -> Response:
    """The citizen's pages begin with the activity."""
    return see_other(url_for("activity.activity"))


@blueprint.get("/mijn/activiteit")
def activity() -> Response:
    """Show it to the person who is logged in; anybody else logs in first."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.ACTIVITY)
    entries = [_line(entry) for entry in services().activity.of(here.session, now())]
    return page("activity.html", here, own_pages.ACTIVITY, entries=entries)


def _line(entry: ActivityEntry) -> Line:
    who, represented = None if entry.actor is None else _named(entry.actor), _named(entry.represented)
    return Line(entry.at, who, represented, entry.app, entry.source, entry.basis, entry.type, entry.reason)


def _named(party: Party) -> str:
    return "myself" if party.oneself else party.name or "somebody"
