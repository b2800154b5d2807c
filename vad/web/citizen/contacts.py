"""Where somebody wants to be told (P15): an e-mail address, proved by the code that was sent to it."""

from typing import Final

import email_validator
from flask import Blueprint, Response, request, url_for

from vad.domain.contact import EmailAddress
from vad.services.contacts import Proof
from vad.web.support import i18n, own_pages
from vad.web.support.own_session import Visit, page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("contacts", __name__)

_LONGEST: Final = 254
"""Characters of an address (RFC 5321 section 4.5.3.1.3, as corrected)."""


@blueprint.get("/mijn/berichten")
def contacts() -> Response:
    """Show where notices go, and the ways to change that; somebody who is not logged in logs in first."""
    here = visit()
    return own_pages.log_in_first(own_pages.NOTICES) if here is None else _page(here)


@blueprint.post("/mijn/berichten")
def change() -> Response:
    """Send a code, take one, or remove the address."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.NOTICES)
    match request.form.get("action"):
        case "ask" if services().contacts.available:
            return _ask(here)
        case "prove":
            return _prove(here)
        case "remove":
            return _changed("weg" if services().contacts.remove(here.session, now()) else None)
    return _changed(None)


def _ask(here: Visit) -> Response:
    typed = request.form.get("email", "")
    address = _address(typed)
    if address is None:
        return _page(here, problem="address", typed=typed)
    if not services().contacts.ask(here.session, address, i18n.current_language(), now()):
        return _page(here, problem="often", typed=typed)
    return _changed("verstuurd")


def _prove(here: Visit) -> Response:
    typed = request.form.get("code", "")
    outcome = services().contacts.prove(here.session, "".join(typed.split()), now())
    if outcome is Proof.RIGHT:
        return _changed("ingesteld")
    return _page(here, problem=outcome.value, typed=typed if outcome is Proof.WRONG else "")


def _page(here: Visit, *, problem: str | None = None, typed: str = "") -> Response:
    known = services().contacts.of(here.session, now())
    return page(
        "contacts.html",
        here,
        own_pages.NOTICES,
        status=200 if problem is None else 400,
        available=services().contacts.available,
        confirmed=known.confirmed.reveal() if known.confirmed else None,
        pending=known.pending.reveal() if known.pending else None,
        changed=request.args.get("veranderd"),
        problem=problem,
        typed=typed,
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
