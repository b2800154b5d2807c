"""Where somebody wants to be told (P15): an e-mail address, proved by the code that was sent to it."""

from typing import Final

import email_validator
from flask import Blueprint, Response, request, url_for

from vad.domain.contact import EmailAddress
from vad.domain.session import Session
from vad.services.contacts import Proof
from vad.web.support import i18n, own_pages
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout

blueprint = Blueprint("contacts", __name__)

_LONGEST: Final = 254
"""Characters of an address (RFC 5321 section 4.5.3.1.3, as corrected)."""


@blueprint.get("/mijn/berichten")
def contacts() -> Response:
    """Show where notices go, and the ways to change that; somebody who is not logged in logs in first."""
    at, cookie = now(), browser().session_cookie
    session = services().sessions.current(cookie, at)
    if session is None or cookie is None:
        return own_pages.log_in_first(own_pages.NOTICES)
    return _page(session, cookie)


@blueprint.post("/mijn/berichten")
def change() -> Response:
    """Send a code, take one, or remove the address."""
    at, cookie = now(), browser().session_cookie
    if cookie is None or not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    session = services().sessions.current(cookie, at)
    if session is None:
        return own_pages.log_in_first(own_pages.NOTICES)
    match request.form.get("action"):
        case "ask" if services().contacts.available:
            return _ask(session, cookie)
        case "prove":
            return _prove(session, cookie)
        case "remove":
            return _changed("weg" if services().contacts.remove(session, at) else None)
    return _changed(None)


def _ask(session: Session, cookie: str) -> Response:
    typed = request.form.get("email", "")
    address = _address(typed)
    if address is None:
        return _page(session, cookie, problem="address", typed=typed)
    if not services().contacts.ask(session, address, i18n.current_language(), now()):
        return _page(session, cookie, problem="often", typed=typed)
    return _changed("verstuurd")


def _prove(session: Session, cookie: str) -> Response:
    typed = request.form.get("code", "")
    outcome = services().contacts.prove(session, "".join(typed.split()), now())
    if outcome is Proof.RIGHT:
        return _changed("ingesteld")
    return _page(session, cookie, problem=outcome.value, typed=typed if outcome is Proof.WRONG else "")


def _page(session: Session, cookie: str, *, problem: str | None = None, typed: str = "") -> Response:
    at = now()
    known = services().contacts.of(session, at)
    return render(
        "contacts.html",
        status=200 if problem is None else 400,
        available=services().contacts.available,
        confirmed=known.confirmed.reveal() if known.confirmed else None,
        pending=known.pending.reveal() if known.pending else None,
        changed=request.args.get("veranderd"),
        problem=problem,
        young=services().assents.concerns(session, at),
        typed=typed,
        name=services().sessions.name(session, at),
        timeout=timeout(session, at, page=own_pages.NOTICES),
        csrf_token=services().csrf.token(cookie),
    )


def _address(typed: str) -> EmailAddress | None:
    """The address as mail servers know it; None for what is none. Whether anybody is there, the code tells."""
    text = typed.strip()
    if len(text) > _LONGEST:
        return None
    try:
        found = email_validator.validate_email(text, check_deliverability=False).ascii_email
    except email_validator.EmailNotValidError:
        return None
    return None if found is None or len(found) > _LONGEST else EmailAddress(found)


def _changed(to: str | None) -> Response:
    return see_other(url_for("contacts.contacts", veranderd=to))
