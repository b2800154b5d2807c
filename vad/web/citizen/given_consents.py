"""Consents for apps (P14): see them, stop them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from vad.domain.client import DataService
from vad.domain.consent import Duration
from vad.domain.identifiers import ClientId
from vad.services.given_consents import ConsentAtSource
from vad.web.support import own_pages
from vad.web.support.i18n import current_language
from vad.web.support.own_session import page, posted, visit
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services
from vad.web.support.shared_claims import ShownClaims, shown

blueprint = Blueprint("given_consents", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """What an app may fetch at one source, as the page shows it."""

    source: str | None
    kinds: str
    once: bool
    api: bool
    claims: tuple[ShownClaims, ...] = ()


@blueprint.get("/mijn/toestemmingen")
def given_consents() -> Response:
    """Show what each app may do; somebody who is not logged in logs in first."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.CONSENTS)
    apps = [(app, [_line(given) for given in app.given]) for app in services().given_consents.of(here.session, now())]
    stopped = request.args.get("gestopt") == "ja"
    return page(
        "given_consents.html",
        here,
        own_pages.CONSENTS,
        apps=apps,
        stopped=stopped,
    )


@blueprint.post("/mijn/toestemmingen")
def stop() -> Response:
    """Stop every consent for one app."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.CONSENTS)
    app, about = ClientId(request.form.get("app", "")), request.form.get("about", "")
    ended = services().given_consents.withdraw(here.session, app, about, now())
    return see_other(url_for("given_consents.given_consents", gestopt="ja" if ended else None))


def _line(given: ConsentAtSource) -> Line:
    once, claims = given.duration is Duration.ONCE, shown(given.shared)
    return Line(given.source, _names(given.data_services), once, given.api, claims)


def _names(data_services: Sequence[DataService]) -> str:
    dutch = current_language() == "nl"
    return ", ".join(service.name_nl if dutch else service.name_en for service in data_services)
