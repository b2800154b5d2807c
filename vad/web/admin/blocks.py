"""A5: what staff have switched off in somebody's interest, and asking for that, or for the end of it (rule 18)."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from vad.domain.approval import OutdatedError
from vad.domain.block import BlockReason
from vad.domain.errors import VadError
from vad.domain.identifiers import BlockId, PersonId, RequestId
from vad.domain.justification import Justification
from vad.domain.staff import StaffAction
from vad.services.staff_blocks import WantedBlock
from vad.web.admin import asking, positions
from vad.web.admin.request_rows import CODES
from vad.web.admin.requests import to_request
from vad.web.admin.support import Visit, page, services, staff_page
from vad.web.support.services import now

blueprint = Blueprint("staff_blocks", __name__)


@blueprint.get("/blokkades")
@staff_page(StaffAction.BLOCKS_VIEW)
def listed(here: Visit) -> Response:
    """What holds now."""
    return _page(here)


@blueprint.post("/blokkades")
@staff_page(StaffAction.BLOCKS_CHANGE)
def place(here: Visit) -> Response:
    """Ask another to agree to a block."""
    try:
        return to_request(_asked(here))
    except asking.ERRORS as error:
        return _page(here, error)


@blueprint.post("/blokkades/<uuid:block_id>/opheffen")
@staff_page(StaffAction.BLOCKS_CHANGE)
def lift(here: Visit, block_id: UUID) -> Response:
    """Ask another to agree that it ends."""
    blocks = services().deciding.blocks
    try:
        return to_request(blocks.ask_to_lift(here.member, BlockId(block_id), asking.justification(), now()))
    except asking.ERRORS as error:
        return _page(here, error)


def _asked(here: Visit) -> RequestId:
    at, known = now(), services().deciding
    why, last_day, reason = asking.justification(), asking.last_day(), asking.text("block_reason")
    if asking.text("who") not in {"one", "all"}:
        raise asking.FieldError("who", OutdatedError("block_choices"))
    if reason not in set(BlockReason):
        raise asking.FieldError("block_reason", OutdatedError("block_choices"))
    subject = _found(here, "subject", why, at)
    against = _found(here, "against", why, at) if asking.text("who") == "one" else None
    wanted = WantedBlock(subject, against, BlockReason(reason), last_day)
    return known.blocks.ask_to_place(here.member, wanted, why, at)


def _found(here: Visit, field: str, why: Justification, at: datetime) -> PersonId:
    return asking.found(here.member, StaffAction.BLOCKS_CHANGE, field, why, at)


def _page(here: Visit, error: VadError | None = None) -> Response:
    known = services().deciding
    blocks, further = known.blocks.standing(here.member, now(), positions.read(request.args.get("after")))
    return page(
        "blocks.html",
        here,
        status=HTTPStatus.BAD_REQUEST if error else HTTPStatus.OK,
        blocks=blocks,
        following=url_for("staff_blocks.listed", after=positions.written(*further)) if further else None,
        reference=known.persons.references.of,
        reasons=asking.choices(BlockReason, CODES),
        codes=CODES,
        may_change=here.member.may(StaffAction.BLOCKS_CHANGE),
        **asking.shown(error),
    )
