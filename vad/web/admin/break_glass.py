"""Break-glass access: taking a view outside one's role, and looking into what others took."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.break_glass import Verdict, takeable
from vad.domain.identifiers import BreakGlassId
from vad.domain.justification import Justification, JustificationError
from vad.domain.staff import StaffAction
from vad.services.break_glass import MOST_VIEWS
from vad.web.admin.log import lines
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.admin.time_out import sent
from vad.web.admin.words import ACTIONS
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("break_glass", __name__)


@blueprint.get("/noodtoegang")
@staff_page(StaffAction.BREAK_GLASS_USE)
def use(here: Visit) -> Response:
    """What can be taken, and what that means."""
    return _form(here)


@blueprint.post("/noodtoegang")
@staff_page(StaffAction.BREAK_GLASS_USE)
def take(here: Visit) -> Response:
    """Take it."""
    action = next((each for each in takeable(here.member) if each == request.form.get("action")), None)
    if action is None:
        return _form(here, problem="action")
    try:
        why = Justification(request.form.get("reason", ""), request.form.get("case_number", ""))
    except JustificationError as error:
        return _form(here, problem=error.fault.value)
    services().break_glass.take(here.member, action, why, now(), here.session.sid)
    return see_other(url_for("break_glass.use", genomen="ja"))


@blueprint.get("/noodtoegang/controle")
@staff_page(StaffAction.BREAK_GLASS_VIEW)
def reviews(here: Visit) -> Response:
    """What was taken, first what nobody has looked into yet."""
    at = now()
    found = services().break_glass.all(here.member, at)
    return page(
        "break_glass_reviews.html",
        here,
        found=[(each, ACTIONS[each.action], each.overdue(at)) for each in found],
        done=request.args.get("gedaan") == "ja",
    )


@blueprint.get("/noodtoegang/controle/<uuid:name>")
@staff_page(StaffAction.BREAK_GLASS_VIEW)
def reviewed(here: Visit, name: UUID) -> Response:
    """One of them with what was looked at, for who says whether it was needed: no right to search the log is asked."""
    found = services().break_glass.views(here.member, BreakGlassId(name))
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    taken, events = found
    may = here.member.may
    return page(
        "break_glass_review.html",
        here,
        access=taken,
        title=ACTIONS[taken.action],
        overdue=taken.overdue(now()),
        own=taken.person == here.member.person,
        lines=lines(here, events[:MOST_VIEWS]),
        more=len(events) > MOST_VIEWS,
        may_review=may(StaffAction.BREAK_GLASS_REVIEW),
        may_search=may(StaffAction.LOG_SEARCH),
        may_persons=may(StaffAction.MANDATES_SEARCH),
    )


@blueprint.post("/noodtoegang/controle/<uuid:name>")
@staff_page(StaffAction.BREAK_GLASS_REVIEW)
def review(here: Visit, name: UUID) -> Response:
    """Say what was found."""
    verdict = next((each for each in Verdict if each == request.form.get("verdict")), None)
    if verdict is not None:
        services().break_glass.review(here.member, BreakGlassId(name), verdict, now(), here.session.sid)
    return see_other(url_for("break_glass.reviews", gedaan="ja" if verdict else None))


def _form(here: Visit, problem: str | None = None) -> Response:
    return page(
        "break_glass.html",
        here,
        status=400 if problem else 200,
        actions=[(action.value, ACTIONS[action]) for action in takeable(here.member)],
        typed=sent(),
        problem=problem,
        taken_now=request.args.get("genomen") == "ja",
    )
