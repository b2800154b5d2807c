"""The review of access: who of the staff could do what, and did what (rule 44)."""

from flask import Blueprint, Response, request, stream_with_context, url_for

from vad.domain.review_period import ReviewPeriod
from vad.domain.staff import StaffAction
from vad.services.access_review_csv import as_csv
from vad.web.admin.support import Visit, page, services, staff_page, viewed
from vad.web.support.services import now

blueprint = Blueprint("access_review", __name__)
_QUARTERS = 5
"""This one and as many before it that a year ago is among them."""


@blueprint.get("/toegang")
@staff_page(StaffAction.ACCESS_REVIEW, recorded=False)
def review(here: Visit) -> Response:
    """The report of a quarter or a year, of this quarter if none is named."""
    period = _period(here)
    found = services().access_reviews.review(here.member, period, now())
    return page("access_review.html", here, found=found, periods=_periods(), file=_file(period))


@blueprint.get("/toegang.csv")
@staff_page(StaffAction.ACCESS_REVIEW, recorded=False)
def file(here: Visit) -> Response:
    """The same for a spreadsheet."""
    period = _period(here)
    found = services().access_reviews.review(here.member, period, now())
    response = Response(stream_with_context(as_csv(found)), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="access-review-{period.name}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _period(here: Visit) -> ReviewPeriod:
    """Which one is asked for. That they look at it is written down with its name."""
    try:
        period = ReviewPeriod.named(request.args.get("periode", ""))
    except ValueError:
        period = ReviewPeriod.quarter_of(now())
    viewed(here, StaffAction.ACCESS_REVIEW, period=period.name)
    return period


def _periods() -> list[ReviewPeriod]:
    quarters = [ReviewPeriod.quarter_of(now())]
    while len(quarters) < _QUARTERS:
        quarters.append(quarters[-1].before)
    year = ReviewPeriod(quarters[0].year)
    return [*quarters, year, year.before]


def _file(period: ReviewPeriod) -> str:
    return url_for("access_review.file", periode=period.name)
