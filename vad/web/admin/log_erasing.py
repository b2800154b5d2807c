"""A4: what goes from the log for good. Two people agree to it here; a command does it."""

from http import HTTPStatus

from flask import Blueprint, Response

from vad.domain.errors import VadError
from vad.domain.staff import StaffAction
from vad.web.admin import asking
from vad.web.admin.requests import to_request
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.services import now

blueprint = Blueprint("log_erasing", __name__)


@blueprint.get("/logboek/wissen")
@staff_page(StaffAction.LOG_ERASE)
def asked(here: Visit) -> Response:
    """What can be asked for."""
    return _page(here)


@blueprint.post("/logboek/wissen/gebeurtenis")
@staff_page(StaffAction.LOG_ERASE)
def erase(here: Visit) -> Response:
    """Let another person agree that what an event keeps apart is erased."""
    changes = services().log_changes
    try:
        return to_request(changes.ask_to_erase(here.member, asking.text("event"), asking.justification(), now()))
    except asking.ERRORS as error:
        return _page(here, error)


@blueprint.post("/logboek/wissen/maand")
@staff_page(StaffAction.LOG_ERASE)
def purge(here: Visit) -> Response:
    """Let another person agree that a month leaves the database."""
    changes = services().log_changes
    try:
        return to_request(changes.ask_to_purge(here.member, asking.text("month"), asking.justification(), now()))
    except asking.ERRORS as error:
        return _page(here, error)


def _page(here: Visit, error: VadError | None = None) -> Response:
    return page(
        "log_erasing.html",
        here,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        years=services().log_changes.years,
        **asking.shown(error),
    )
