"""Stopping a mandate by letter for somebody on the telephone, who says its stop code and birth date (rule 24)."""

from http import HTTPStatus

from flask import Blueprint, Response

from vad.domain.errors import VadError
from vad.domain.staff import StaffAction
from vad.web.admin import asking
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support import birth_fields
from vad.web.support.services import now

blueprint = Blueprint("stop_by_code", __name__)
_LONGEST_CODE = 40


@blueprint.get("/stopcode")
@staff_page(StaffAction.MANDATES_STOP_BY_CODE)
def ask(here: Visit) -> Response:
    """Ask for what the caller says."""
    return _page(here)


@blueprint.post("/stopcode")
@staff_page(StaffAction.MANDATES_STOP_BY_CODE)
def stop(here: Visit) -> Response:
    """Stop it at once."""
    code, birth = asking.text("code")[:_LONGEST_CODE], birth_fields.birth_date()
    try:
        stopped = services().deciding.stop_code.stop_for_caller(here.member, code, birth, now())
    except asking.ERRORS as error:
        return _page(here, error)
    return _page(here, stopped=stopped)


def _page(here: Visit, error: VadError | None = None, *, stopped: bool | None = None) -> Response:
    return page(
        "stop_by_code.html",
        here,
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        stopped=stopped,
        **asking.shown(error) | {"written": {"code": asking.text("code")[:_LONGEST_CODE], **birth_fields.typed()}},
    )
