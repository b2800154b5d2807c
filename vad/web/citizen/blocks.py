"""Switching off sharing: acting for this person, one app, one data source; and on again (rule 45)."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from vad.domain.block import BlockKind
from vad.domain.identifiers import BlockId
from vad.web.support import own_pages
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("blocks", __name__)

_CHOICES: Final[Mapping[str, BlockKind]] = {"app": BlockKind.CLIENT, "organisatie": BlockKind.SOURCE}
"""What is chosen from a list, by its name in the address."""


@blueprint.get("/mijn/delen")
def blocks() -> Response:
    """Show what is off, and the ways to switch something off; somebody who is not logged in logs in first."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.BLOCKS)
    off = services().blocks.of(here.session)
    return page(
        "blocks.html",
        here,
        own_pages.BLOCKS,
        off=off,
        represented=all(each.kind is not BlockKind.REPRESENTATION for each in off),
        changed=request.args.get("veranderd"),
    )


@blueprint.post("/mijn/delen")
def change() -> Response:
    """Switch off that anybody acts for this person, or switch something on again."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.BLOCKS)
    block_id = _block_id(request.form.get("block", ""))
    if block_id is not None:
        lifted = services().blocks.lift(here.session, block_id, now())
        return _changed(None if lifted is None else "namens" if lifted is BlockKind.REPRESENTATION else "aan")
    if request.form.get("action") == "representation":
        services().blocks.place(here.session, BlockKind.REPRESENTATION, "", now())
        return _changed("uit")
    return _changed(None)


@blueprint.get("/mijn/delen/<any(app, organisatie):what>")
def choose(what: str) -> Response:
    """Ask which app, or which organisation."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.BLOCKS)
    return _choice(what, here, missing=False)


@blueprint.post("/mijn/delen/<any(app, organisatie):what>")
def place(what: str) -> Response:
    """Switch this one off."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.BLOCKS)
    if not services().blocks.place(here.session, _CHOICES[what], request.form.get("target", ""), now()):
        return _choice(what, here, missing=True)
    return _changed("uit")


def _choice(what: str, here: Visit, *, missing: bool) -> Response:
    return page(
        "blocks_choose.html",
        here,
        own_pages.BLOCKS,
        status=400 if missing else 200,
        what=what,
        targets=services().blocks.targets(_CHOICES[what]),
        missing=missing,
    )


def _changed(to: str | None) -> Response:
    return see_other(url_for("blocks.blocks", veranderd=to))


def _block_id(text: str) -> BlockId | None:
    try:
        return BlockId(UUID(text))
    except ValueError:
        return None
