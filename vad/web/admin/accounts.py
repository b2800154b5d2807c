"""The accounts of staff; ending one at once (rule 44)."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from vad.domain.approval import OutdatedError
from vad.domain.errors import StaleFlowError, VadError
from vad.domain.identifiers import StaffId
from vad.domain.justification import JustificationError
from vad.domain.staff import StaffAction
from vad.web.admin import asking, positions
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/accounts")
@staff_page(StaffAction.ACCOUNTS_VIEW)
def listed(here: Visit) -> Response:
    """All of them, the newest first."""
    return _page(here)


@blueprint.post("/accounts/<uuid:account>/beeindigen")
@staff_page(StaffAction.ACCOUNTS_END)
def end(here: Visit, account: UUID) -> Response:
    """End one. Its logins are over with that."""
    try:
        services().accounts.end(here.member, StaffId(account), asking.justification(), now(), here.session.sid)
    except JustificationError as error:
        return _page(here, error)
    except StaleFlowError:
        return _page(here, OutdatedError("account_over"))
    return see_other(url_for("accounts.listed", gedaan="ja"))


def _page(here: Visit, error: VadError | None = None) -> Response:
    found, further = services().accounts.listed(here.member, positions.read(request.args.get("after")))
    return page(
        "accounts.html",
        here,
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        accounts=[(each, each.person == here.member.person) for each in found],
        following=url_for("accounts.listed", after=positions.written(*further)) if further else None,
        may_end=here.member.may(StaffAction.ACCOUNTS_END),
        **asking.shown(error),
        done=request.args.get("gedaan") == "ja",
    )
