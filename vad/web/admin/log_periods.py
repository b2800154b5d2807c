"""Questions to the log about some days, which stand in the address and are filled in on the page (rule 43, A4)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from vad.domain.age import AMSTERDAM
from vad.domain.staff import StaffAction, StaffMember
from vad.web.admin import days, log_filter
from vad.web.admin.support import Visit, page, services, staff_page, viewed
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("log_periods", __name__)
_BACK = timedelta(days=30)
"""How far back is looked where nobody says from when."""
_AHEAD, _MOST_AHEAD = timedelta(days=30), timedelta(days=366)
"""How far ahead is looked where nobody says until when, and at most."""


@blueprint.get("/logboek/vragen/te-lang")
@staff_page(StaffAction.LOG_SEARCH, recorded=False)
def overdue(here: Visit) -> Response:
    """(d) Access beyond end, death or birthday. There must be none."""
    return _answered(here, "log_overdue.html", services().log.overdue, refer=services().references.of)


@blueprint.post("/logboek/vragen/te-lang")
@staff_page(StaffAction.LOG_SEARCH)
def overdue_in(here: Visit) -> Response:
    """Lead to the answer about these days."""
    return _led(here, "log_periods.overdue", "log_overdue.html")


@blueprint.get("/logboek/vragen/weigeringen")
@staff_page(StaffAction.LOG_SEARCH, recorded=False)
def refusals(here: Visit) -> Response:
    """(e) What was refused, by reason."""
    return _answered(here, "log_refusals.html", services().log.refusals)


@blueprint.post("/logboek/vragen/weigeringen")
@staff_page(StaffAction.LOG_SEARCH)
def refusals_in(here: Visit) -> Response:
    """Lead to the answer about these days."""
    return _led(here, "log_periods.refusals", "log_refusals.html")


@blueprint.get("/logboek/vragen/verjaardagen")
@staff_page(StaffAction.LOG_SEARCH, recorded=False)
def turning(here: Visit) -> Response:
    """(h) Children who turn 12 or 16 until some day."""
    word = request.args.get("until", "")
    last = _last(word)
    ahead: dict[str, Any] = {} if last is None else {"until": last.isoformat()}
    viewed(here, StaffAction.LOG_SEARCH, concerning=(), **ahead)
    found = None if last is None else services().log.turning(here.member, now(), (last - _today()).days)
    return _turning(here, word or (_today() + _AHEAD).isoformat(), last, found=found)


@blueprint.post("/logboek/vragen/verjaardagen")
@staff_page(StaffAction.LOG_SEARCH)
def turning_until(here: Visit) -> Response:
    """Lead to the answer until this day."""
    word = days.posted("until")
    last = _last(word)
    if last is None:
        return _turning(here, word, None, found=None)
    return see_other(url_for("log_periods.turning", until=last.isoformat()))


def _today() -> date:
    return now().astimezone(AMSTERDAM).date()


def _asked(word: Callable[[str, str], str]) -> log_filter.Asked:
    """The days of a question; the last month where none are given."""
    usual = {"since": (_today() - _BACK).isoformat(), "until": _today().isoformat()}
    typed = MultiDict({name: word(name, "").strip() or day for name, day in usual.items()})
    return log_filter.asked(typed, services().references, now())


def _answered(
    here: Visit, template: str, question: Callable[[StaffMember, datetime, datetime], object], **context: Any
) -> Response:
    """The answer about the days in the address; none where those are no days."""
    asked = _asked(request.args.get)
    viewed(here, StaffAction.LOG_SEARCH, concerning=(), **log_filter.told(asked.filter, services().registrations))
    found = None if asked.problems else question(here.member, asked.filter.since, asked.filter.until)
    return _page(template, here, asked, found=found, **context)


def _led(here: Visit, endpoint: str, template: str) -> Response:
    asked = _asked(lambda name, _: days.posted(name))
    if asked.problems:
        return _page(template, here, asked, found=None, refer=services().references.of)
    return see_other(url_for(endpoint, since=asked.typed["since"], until=asked.typed["until"]))


def _page(template: str, here: Visit, asked: log_filter.Asked, **context: Any) -> Response:
    written = {each: part for name in ("since", "until") for each, part in days.fields(name, asked.typed[name]).items()}
    return page(template, here, asked=asked, days=written, status=_status(failed=bool(asked.problems)), **context)


def _last(word: str) -> date | None:
    """The last day to look at; None where that is no day, or too far from today."""
    if not word:
        return _today() + _AHEAD
    try:
        last = log_filter.day(word)
    except ValueError:
        return None
    return last if _today() < last <= _today() + _MOST_AHEAD else None


def _turning(here: Visit, word: str, last: date | None, **context: Any) -> Response:
    written: Mapping[str, str] = days.fields("until", word)
    return page(
        "log_turning.html", here, last=last, days=written, refer=services().references.of,
        status=_status(failed=last is None), **context,
    )  # fmt: skip


def _status(*, failed: bool) -> HTTPStatus:
    return HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK
