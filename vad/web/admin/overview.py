"""A1: how many mandates there are and what happened to them, and what was refused, in figures."""

from flask import Blueprint, Response, request

from vad.domain.age import AMSTERDAM
from vad.domain.staff import StaffAction
from vad.services.staff_overview import Period
from vad.web.admin.charts import chart_of
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.services import now

blueprint = Blueprint("overview", __name__)


@blueprint.get("/")
@staff_page(StaffAction.OVERVIEW_VIEW)
def overview(here: Visit) -> Response:
    """The figures of a period, the last thirty days if none is named."""
    period = Period.named(request.args.get("periode"))
    figures = services().overview.figures(here.member, period, now())
    waiting = services().break_glass.waiting(here.member, now())
    since = (now() - period.length).astimezone(AMSTERDAM).date().isoformat()
    return page(
        "overview.html", here, figures=figures, period=period, chart=chart_of(figures), waiting=waiting,
        may_search=here.member.may(StaffAction.LOG_SEARCH), since=since,
    )  # fmt: skip
