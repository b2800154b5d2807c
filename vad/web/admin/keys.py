"""A8: the keys of VAD, how old they are, and the command that takes the next step."""

from flask import Blueprint, Response

from vad.domain.staff import StaffAction
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.services import now

blueprint = Blueprint("keys", __name__)


@blueprint.get("/sleutels")
@staff_page(StaffAction.KEYS_VIEW)
def listed(here: Visit) -> Response:
    """Every key. No secrets."""
    return page("keys.html", here, keys=services().key_overview.keys(here.member, now()))
