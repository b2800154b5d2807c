"""Switching off sharing: acting for this person, one app, one data source; and on again (rule 45)."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from vad.domain.block import BlockKind
from vad.domain.identifiers import BlockId
from vad.domain.session import Session
from vad.web.support import own_pages
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout

blueprint = Blueprint("blocks", __name__)

_CHOICES: Final[Mapping[str, BlockKind]] = {"app": BlockKind.CLIENT, "organisatie": BlockKind.SOURCE}
"""What is chosen from a list, by its name in the address."""


@blueprint.get("/mijn/delen")
def blocks() -> Response:
    """Show what is off, and the ways to switch something off; somebody who is not logged in logs in first."""
    at, cookie = now(), browser().session_cookie
    session = services().sessions.current(cookie, at)
    if session is None or cookie is None:
        return own_pages.log_in_first(own_pages.BLOCKS)
    off = services().blocks.of(session)
    return render(
        "blocks.html",
        off=off,
        represented=all(each.kind is not BlockKind.REPRESENTATION for each in off),
        changed=request.args.get("veranderd"),
        name=services().sessions.name(session, at),
        young=services().assents.concerns(session, at),
        timeout=timeout(session, at, page=own_pages.BLOCKS),
        csrf_token=services().csrf.token(cookie),
    )


@blueprint.post("/mijn/delen")
def change() -> Response:
    """Switch off that anybody acts for this person, or switch something on again."""
    at, cookie = now(), browser().session_cookie
    if not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    session = services().sessions.current(cookie, at)
    if session is None:
        return own_pages.log_in_first(own_pages.BLOCKS)
    block_id = _block_id(request.form.get("block", ""))
    if block_id is not None:
        lifted = services().blocks.lift(session, block_id, at)
        return _changed(None if lifted is None else "namens" if lifted is BlockKind.REPRESENTATION else "aan")
    if request.form.get("action") == "representation":
        services().blocks.place(session, BlockKind.REPRESENTATION, "", at)
        return _changed("uit")
    return _changed(None)


@blueprint.get("/mijn/delen/<any(app, organisatie):what>")
def choose(what: str) -> Response:
    """Ask which app, or which organisation."""
    at, cookie = now(), browser().session_cookie
    session = services().sessions.current(cookie, at)
    if session is None or cookie is None:
        return own_pages.log_in_first(own_pages.BLOCKS)
    return _choice(what, session, cookie, missing=False)


@blueprint.post("/mijn/delen/<any(app, organisatie):what>")
def place(what: str) -> Response:
    """Switch this one off."""
    at, cookie = now(), browser().session_cookie
    if cookie is None or not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    session = services().sessions.current(cookie, at)
    if session is None:
        return own_pages.log_in_first(own_pages.BLOCKS)
    if not services().blocks.place(session, _CHOICES[what], request.form.get("target", ""), at):
        return _choice(what, session, cookie, missing=True)
    return _changed("uit")


def _choice(what: str, session: Session, cookie: str, *, missing: bool) -> Response:
    at = now()
    return render(
        "blocks_choose.html",
        status=400 if missing else 200,
        what=what,
        targets=services().blocks.targets(_CHOICES[what]),
        missing=missing,
        name=services().sessions.name(session, at),
        timeout=timeout(session, at, page=own_pages.BLOCKS),
        csrf_token=services().csrf.token(cookie),
    )


def _changed(to: str | None) -> Response:
    return see_other(url_for("blocks.blocks", veranderd=to))


def _block_id(text: str) -> BlockId | None:
    try:
        return BlockId(UUID(text))
    except ValueError:
        return None
