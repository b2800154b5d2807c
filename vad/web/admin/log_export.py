"""(k) Taking away what the filter of the log shows, signed (A4)."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from vad.domain.justification import Justification, JustificationError
from vad.domain.staff import StaffAction
from vad.services.log_export import Export, ExportFormat
from vad.web.admin import log_filter
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.admin.time_out import sent
from vad.web.support.services import now

blueprint = Blueprint("log_export", __name__)


@blueprint.get("/logboek/export")
@staff_page(StaffAction.LOG_EXPORT)
def ask(here: Visit) -> Response:
    """Ask in which format, and why. The filter stands in the address, as on the page of the log."""
    return _asking(here)


@blueprint.post("/logboek/export")
@staff_page(StaffAction.LOG_EXPORT)
def take(here: Visit) -> Response:
    """Give it."""
    asked = log_filter.asked(request.args, services().references, now())
    how = next((each for each in ExportFormat if each == request.form.get("format")), None)
    if how is None or asked.problems:
        return _asking(here, "format")
    try:
        why = Justification(request.form.get("reason", ""), request.form.get("case_number", ""))
    except JustificationError as error:
        return _asking(here, error.fault.value)
    return download(services().exports.begin(here.member, asked.filter, how, why, now(), sid=here.session.sid))


def download(export: Export) -> Response:
    """An export as an answer. Closing that closes the export, read or not."""
    response = Response(export, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{export.name}"'
    response.headers["Cache-Control"] = "no-store"
    response.call_on_close(export.close)
    return response


def _asking(here: Visit, problem: str | None = None) -> Response:
    asked = log_filter.asked(request.args, services().references, now())
    return page(
        "log_export.html",
        here,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        asked=asked,
        query=request.query_string.decode(),
        problem=problem,
        typed={name: sent().get(name, "")[:500] for name in ("reason", "case_number", "format")},
    )
