"""A8: the keys of VAD, how old they are, and the command that takes the next step."""

from http import HTTPStatus

from flask import Blueprint, Response

from vad.domain.errors import VadError
from vad.domain.staff import StaffAction
from vad.services.agreed_commands import RETIRE, ROTATE
from vad.web.admin import asking
from vad.web.admin.requests import to_request
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.services import now

blueprint = Blueprint("keys", __name__)


@blueprint.get("/sleutels")
@staff_page(StaffAction.KEYS_VIEW)
def listed(here: Visit) -> Response:
    """Every key. No secrets."""
    return _page(here)


@blueprint.post("/sleutels")
@staff_page(StaffAction.KEYS_CHANGE)
def ask(here: Visit) -> Response:
    """Let another person agree to the next step with a key."""
    kind, _, subject = asking.text("step").partition(" ")
    try:
        request_id = services().key_changes.ask(here.member, kind, subject, asking.justification(), now())
    except asking.ERRORS as error:
        return _page(here, error)
    return to_request(request_id)


def _page(here: Visit, error: VadError | None = None) -> Response:
    keys, log_key = services().key_overview.keys(here.member, now()), services().key_overview.log_key(here.member)
    rotations = sorted({line.entry.purpose for line in keys if line.command.startswith("vad keys rotate")})
    return page(
        "keys.html",
        here,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        keys=keys,
        log_key=log_key,
        log_key_days=log_key.days(now()) if log_key else 0,
        log_key_most=services().key_overview.log_key_days,
        rotations=[(f"{ROTATE} {each}", each) for each in rotations],
        past=[(f"{RETIRE} {line.entry.key_id}", line.entry) for line in keys if line.entry.state == "retired"],
        may_change=here.member.may(StaffAction.KEYS_CHANGE),
        **asking.shown(error),
    )
