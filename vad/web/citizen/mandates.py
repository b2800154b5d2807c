"""My authorisations: the way in (P6), who may see my data (P10), and whose data I may see (P11)."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, request, url_for

from vad.domain.identifiers import MandateId
from vad.domain.mandate import MandateState, Route
from vad.services.mandate_overview import Card
from vad.web.support import own_pages
from vad.web.support.own_session import Visit, page, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("mandates", __name__)

SOON = timedelta(days=30)
"""Before its end a mandate is said to stop soon."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card as the page shows it."""

    card: Card
    status: str
    """"active", "soon", "later", "code", "answer", "asked", "posted", "letter", "stopped", "expired", "declined" or
    "lapsed"."""
    mine: bool
    """The person of the page made it."""


@blueprint.get("/mijn/machtigingen")
def mandates() -> Response:
    """Show the ways to everything about authorising."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    return page("mandates.html", here, own_pages.MANDATES)


@blueprint.get("/mijn/machtigingen/gegeven")
def given() -> Response:
    """Show who may see this person's data."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES_GIVEN)
    cards = services().mandates.overview.given(here.session, now())
    return page(
        "mandates_given.html",
        here,
        own_pages.MANDATES_GIVEN,
        shown=[_shown(card, Route.OFFER) for card in cards],
        done=request.args.get("gedaan"),
    )


@blueprint.get("/mijn/machtigingen/gekregen")
def held() -> Response:
    """Show whose data this person may see."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES_HELD)
    cards = services().mandates.overview.held(here.session, now())
    return page(
        "mandates_held.html",
        here,
        own_pages.MANDATES_HELD,
        shown=[_shown(card, Route.REQUEST) for card in cards],
        done=request.args.get("gedaan"),
    )


def to_list(here: Visit, mandate_id: UUID) -> Response:
    """To the list on which one's own mandate stands, whatever became of it. Anybody else's is not found."""
    side = services().mandates.overview.side(here.session, MandateId(mandate_id))
    if side is None:
        abort(HTTPStatus.NOT_FOUND)
    return see_other(url_for("mandates.given" if side is Route.OFFER else "mandates.held"))


def _shown(card: Card, made_here: Route) -> Shown:
    mine = (card.mandate.route is Route.OFFER) is (made_here is Route.OFFER)
    return Shown(card, _status(card, mine=mine), mine)


def _status(card: Card, *, mine: bool) -> str:
    mandate, at = card.mandate, now()
    match mandate.standing(at):
        case MandateState.ACTIVE:
            if at < mandate.starts_at:
                return "later"
            return "soon" if mandate.ends_at - at <= SOON else "active"
        case MandateState.REQUESTED | MandateState.OFFERED:
            if mandate.route is Route.LETTER:
                return "posted" if mandate.other is None else "letter"
            if not mine:
                return "asked"
            return "code" if mandate.other is None else "answer"
        case MandateState.REVOKED | MandateState.ENDED:
            return "stopped"
        case other:
            return other.value
