"""Consents for apps (P14): see them, stop them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request, url_for

from vad.domain.client import DataService
from vad.domain.consent import Duration
from vad.domain.identifiers import ClientId
from vad.web.support import own_pages
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.i18n import current_language
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout

blueprint = Blueprint("given_consents", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """What an app may fetch at one source, as the page shows it."""

    source: str | None
    kinds: str
    once: bool


@blueprint.get("/mijn/toestemmingen")
def given_consents() -> Response:
    """Show what each app may do; somebody who is not logged in logs in first."""
    at, cookie = now(), browser().session_cookie
    session = services().sessions.current(cookie, at)
    if session is None or cookie is None:
        return own_pages.log_in_first(own_pages.CONSENTS)
    apps = [
        (app, [Line(g.source, _names(g.data_services), g.duration is Duration.ONCE) for g in app.given])
        for app in services().given_consents.of(session, at)
    ]
    stopped = request.args.get("gestopt") == "ja"
    return render(
        "given_consents.html",
        apps=apps,
        stopped=stopped,
        name=services().sessions.name(session, at),
        young=services().assents.concerns(session, at),
        timeout=timeout(session, at, page=own_pages.CONSENTS),
        csrf_token=services().csrf.token(cookie),
    )


@blueprint.post("/mijn/toestemmingen")
def stop() -> Response:
    """Stop every consent for one app."""
    at, cookie = now(), browser().session_cookie
    if not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    session = services().sessions.current(cookie, at)
    if session is None:
        return own_pages.log_in_first(own_pages.CONSENTS)
    app, about = ClientId(request.form.get("app", "")), request.form.get("about", "")
    ended = services().given_consents.withdraw(session, app, about, at)
    return see_other(url_for("given_consents.given_consents", gestopt="ja" if ended else None))


def _names(data_services: Sequence[DataService]) -> str:
    dutch = current_language() == "nl"
    return ", ".join(service.name_nl if dutch else service.name_en for service in data_services)
