"""The questions that an auditor asks every day, each at an address of its own (rule 43, A4)."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from vad.domain.age import AMSTERDAM
from vad.domain.identifiers import MandateId
from vad.domain.staff import StaffAction
from vad.services.log_inquiry import USES
from vad.web.admin import days, log_filter, numbers
from vad.web.admin.support import Visit, page, services, staff_page, viewed
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("log_questions", __name__)
MANY = 3
"""More people than most help."""
_NUMBER = re.compile(r"[0-9]{1,6}")


@blueprint.get("/logboek/vragen")
@staff_page(StaffAction.LOG_SEARCH)
def questions(here: Visit) -> Response:
    """Which there are."""
    # From the page of a person one comes with their reference.
    person = services().persons.by_reference(here.member, request.args.get("person", ""))
    typed = {"person": services().references.of(person)} if person else {}
    return _asking(here, None, typed)


@blueprint.post("/logboek/vragen/wat-deed")
@staff_page(StaffAction.LOG_SEARCH)
def ask_did(here: Visit) -> Response:
    """(c) Lead to everything that somebody did, in a period."""
    typed = {"did": request.form.get("did", "").strip(), **{name: days.posted(name) for name in ("since", "until")}}
    person = services().persons.by_reference(here.member, typed["did"])
    if person is None:
        return _asking(here, "did", typed)
    asked = log_filter.asked(MultiDict(typed), services().references, now())
    if asked.problems:
        return _asking(here, asked.problems[0], typed)
    period: dict[str, Any] = {name: typed[name] or None for name in ("since", "until")}
    return see_other(url_for("log.log", actor=services().references.of(person), **period))


@blueprint.post("/logboek/vragen/machtiging")
@staff_page(StaffAction.LOG_SEARCH)
def ask_mandate(here: Visit) -> Response:
    """(b), (g) Lead to every use of a mandate, or to everything about it, from the day on which it was made."""
    typed = {"mandate": request.form.get("mandate", "").strip()}
    number = numbers.read(typed["mandate"])
    found = None if number is None else services().mandates.mandate(here.member, MandateId(number))
    if found is None:
        return _asking(here, "mandate", typed)
    types = list(USES) if request.form.get("what") == "uses" else None
    since = found.made_at.astimezone(AMSTERDAM).date().isoformat()
    return see_other(url_for("log.log", mandate=found.mandate_id, since=since, type=types))


@blueprint.post("/logboek/vragen/gebeurtenis")
@staff_page(StaffAction.LOG_SEARCH)
def ask_event(here: Visit) -> Response:
    """(f) Lead to one event, with the evidence behind it."""
    typed = {"event": request.form.get("event", "").strip()}
    number = numbers.read(typed["event"])
    found = None if number is None else services().log.event(here.member, number)
    if found is None:
        return _asking(here, "event", typed)
    return see_other(url_for("log.event", event=found.event_id))


@blueprint.post("/logboek/vragen/wie-mocht")
@staff_page(StaffAction.LOG_SEARCH)
def ask_could_act(here: Visit) -> Response:
    """Lead to the answer: what was typed stands in no address before it is known to be a reference."""
    typed = {"person": request.form.get("person", "").strip(), "on": days.posted("on")}
    person = services().persons.by_reference(here.member, typed["person"])
    if person is None or _day(typed["on"]) is None:
        return _asking(here, "person" if person is None else "on", typed)
    reference = services().references.of(person)
    return see_other(url_for("log_questions.could_act", person=reference, on=typed["on"]))


@blueprint.get("/logboek/vragen/wie-mocht")
@staff_page(StaffAction.LOG_SEARCH, recorded=False)
def could_act(here: Visit) -> Response:
    """(a) Who could act for somebody on a day, and on what ground."""
    typed = {name: request.args.get(name, "").strip() for name in ("person", "on")}
    person = services().persons.by_reference(here.member, typed["person"])
    on = _day(typed["on"])
    if person is None or on is None:
        return _asking(here, "person" if person is None else "on", typed)
    viewed(here, StaffAction.LOG_SEARCH, concerning=(person,), on=on.isoformat())
    # As it stood at the end of that day, or now where it is not over.
    at = min(log_filter.midnight(on + timedelta(days=1)) - timedelta(microseconds=1), now())
    standing = services().log.could_act(here.member, person, at)
    return page(
        "log_could_act.html", here, standing=standing, on=on, reference=services().references.of(person),
        refer=services().references.of,
    )  # fmt: skip


@blueprint.get("/logboek/vragen/veel-mensen")
@staff_page(StaffAction.LOG_SEARCH)
def helpers(here: Visit) -> Response:
    """(i) Who may act for more than so many people."""
    typed = request.args.get("more_than", "")
    more_than = int(typed) if _NUMBER.fullmatch(typed) else MANY
    found = services().log.helpers(here.member, more_than)
    return page("log_helpers.html", here, found=found, more_than=more_than, refer=services().references.of)


def _day(text: str) -> date | None:
    try:
        return log_filter.day(text)
    except ValueError:
        return None


def _asking(here: Visit, problem: str | None, typed: Mapping[str, str]) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK
    today = now().astimezone(AMSTERDAM).date().isoformat()
    shown = {**typed, **days.fields("on", typed.get("on", today))}
    for name in ("since", "until"):
        shown |= days.fields(name, typed.get(name, ""))
    return page("log_questions.html", here, status=status, problem=problem, typed=shown)
