"""(j) Whether the log is whole (A4)."""

from flask import Blueprint, Response

from vad.domain.staff import StaffAction
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.services import now

blueprint = Blueprint("log_whole", __name__)


@blueprint.get("/logboek/klopt")
@staff_page(StaffAction.LOG_VERIFY)
def whole(here: Visit) -> Response:
    """When somebody last saw that it is."""
    return page("log_whole.html", here, known=services().wholeness.known(here.member, now()), report=None, looked=False)


@blueprint.post("/logboek/klopt")
@staff_page(StaffAction.LOG_VERIFY)
def look(here: Visit) -> Response:
    """Look now, at what came since."""
    report = services().wholeness.look(here.member, now())
    known = services().wholeness.known(here.member, now())
    return page("log_whole.html", here, known=known, report=report, looked=True)
