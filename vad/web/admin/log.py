"""The log: by a filter, and one event with the evidence behind it (A4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for
from werkzeug.datastructures import MultiDict

from vad.domain.audit import AuditEvent
from vad.domain.ground import Basis
from vad.domain.identifiers import PersonId
from vad.domain.staff import StaffAction
from vad.services.log_inquiry import PAGE
from vad.services.log_proving import NoProofError
from vad.services.ports.log_search import LoggedEvent, LogPosition
from vad.web.admin import days, log_filter, positions
from vad.web.admin.support import Visit, page, services, staff_page, viewed
from vad.web.admin.words import event_words
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("log", __name__)
_DAYS = ("since", "until")
_NEAR = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Line:
    """One event as the template wants it: persons by their references, nobody where it is about whoever looks."""

    event: LoggedEvent
    actor: str | None
    represented: str | None
    others: tuple[str, ...]
    """Whom the evidence names beside these."""
    own: bool
    """It is about the member of staff who looks: no more than that it is there is shown."""


def lines(here: Visit, events: Sequence[LoggedEvent]) -> list[Line]:
    """For a table."""
    refer = services().references.of
    return [
        Line(
            each,
            _reference(refer, each.actor),
            _reference(refer, each.represented),
            tuple(dict.fromkeys(refer(who) for _, who in each.others if who not in {each.actor, each.represented})),
            own=here.member.person in each.people,
        )
        for each in events
    ]


def _reference(refer: Callable[[PersonId], str], person: PersonId | None) -> str | None:
    return None if person is None else refer(person)


def event_types() -> list[str]:
    """Every type there is, by what it is called."""
    return sorted((each.type for each in AuditEvent.__subclasses__()), key=event_words)


@blueprint.get("/logboek")
@staff_page(StaffAction.LOG_SEARCH, recorded=False)
def log(here: Visit) -> Response:
    """What the filter in the address lets through, the newest first."""
    asked = log_filter.asked(request.args, services().references, now())
    wanted, place = asked.filter, positions.read(request.args.get("after"))
    people = {name: getattr(wanted, name) for name in log_filter.PERSONS}
    concerned = {each for each in people.values() if each}
    viewed(here, StaffAction.LOG_SEARCH, concerning=concerned, **log_filter.told(wanted, services().registrations))
    found = () if asked.problems else services().log.search(here.member, wanted, LogPosition(*place) if place else None)
    following = None
    if len(found) == PAGE:
        after = positions.written(*found[-1].position)
        following = url_for("log.log", **_address(asked), after=after)
    return _page(
        here, asked, lines(here, found), following=following, query=urlencode(asked.query),
        may_export=here.member.may(StaffAction.LOG_EXPORT),
    )  # fmt: skip


@blueprint.post("/logboek")
@staff_page(StaffAction.LOG_SEARCH)
def search(here: Visit) -> Response:
    """Lead to the address of a filter that was filled in: a form that is posted may hold what no address may."""
    typed = MultiDict(request.form)
    for name in _DAYS:
        typed[name] = days.posted(name)
    asked = log_filter.asked(typed, services().references, now())
    if asked.problems:
        return _page(here, asked, [])
    return see_other(url_for("log.log", **_address(asked)))


@blueprint.get("/logboek/<uuid:event>")
@staff_page(StaffAction.LOG_SEARCH, recorded=False)
def event(here: Visit, event: UUID) -> Response:
    """(f) One event, whole, and what else came of the same request."""
    return _event(here, _known(here, event))


@blueprint.get("/logboek/<uuid:event>/bewijs")
@staff_page(StaffAction.LOG_SEARCH, recorded=False)
def proof(here: Visit, event: UUID) -> Response:
    """Give the proof that it is in the log, as `vad audit prove` makes it."""
    found = _known(here, event)
    try:
        with services().proving() as proving:
            told = proving.inclusion(str(event))
    except NoProofError:
        return _event(here, found, status=HTTPStatus.CONFLICT, unproved=True)
    answer = Response(told, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{event}.tlog-proof"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _known(here: Visit, event: UUID) -> LoggedEvent:
    """The event, once it is written down that this member looks at it."""
    found = services().log.event(here.member, event)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    mandate = found.evidence.get("mandate")
    named: dict[str, Any] = {"mandate": str(mandate)} if mandate else {}
    viewed(here, StaffAction.LOG_SEARCH, concerning=found.people, **named)
    return found


def _event(here: Visit, found: LoggedEvent, **context: Any) -> Response:
    around = services().log.around(here.member, found)
    return page(
        "log_event.html", here, line=lines(here, [found])[0], around=lines(here, around), followed=_followed(found),
        **context,
    )  # fmt: skip


def _followed(event: LoggedEvent) -> dict[str, str]:
    """Where all stands that has the same login, grant or cause, in the months before and after."""
    days = {"since": event.recorded_at - _NEAR, "until": event.recorded_at + _NEAR}
    period = {name: f"{at:%Y-%m-%d}" for name, at in days.items()}
    values = {name: getattr(event, name) for name in log_filter.FOLLOWED}
    root = url_for("log.log")
    return {name: f"{root}?{urlencode({name: value, **period})}" for name, value in values.items() if value}


def _page(here: Visit, asked: log_filter.Asked, found: Sequence[Line], **context: Any) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if asked.problems else HTTPStatus.OK
    written = {each: part for name in _DAYS for each, part in days.fields(name, asked.typed[name]).items()}
    return page(
        "log.html", here, lines=found, asked=asked, days=written, types=event_types(), bases=list(Basis),
        followed=log_filter.FOLLOWED, status=status, **context,
    )  # fmt: skip


def _address(asked: log_filter.Asked) -> dict[str, Any]:
    return {**{name: value for name, value in asked.query if name != "type"}, "type": list(asked.types) or None}
