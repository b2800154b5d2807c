"""(j) Whether the log is whole (A4)."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from vad.domain.checkpoint import CheckpointError, SignedCheckpoint
from vad.domain.staff import StaffAction
from vad.services.log_report import Report
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.services import now

blueprint = Blueprint("log_whole", __name__)


@blueprint.get("/logboek/klopt")
@staff_page(StaffAction.LOG_VERIFY)
def whole(here: Visit) -> Response:
    """When somebody last saw that it is."""
    return _shown(here)


@blueprint.post("/logboek/klopt")
@staff_page(StaffAction.LOG_VERIFY)
def look(here: Visit) -> Response:
    """Look now; and hold it against a checkpoint that somebody kept, if they give one."""
    given = request.form.get("checkpoint", "").replace("\r\n", "\n")
    try:
        held = SignedCheckpoint.parse(given.strip() + "\n") if given.strip() else None
        report = services().wholeness.look(here.member, now(), held)
    except CheckpointError:
        return _shown(here, given=given, status=HTTPStatus.BAD_REQUEST)
    return _shown(here, report=report, held=held)


def _shown(
    here: Visit,
    *,
    report: Report | None = None,
    held: SignedCheckpoint | None = None,
    given: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    known = services().wholeness.known(here.member, now())
    answer = page("log_whole.html", here, known=known, report=report, held=held, given=given)
    answer.status_code = status
    return answer
