"""Asking for consent (P5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, g, request, url_for

from vad.domain.authorization import AskConsent, services_at
from vad.domain.client import ResourceServer
from vad.domain.consent import Duration
from vad.domain.errors import StaleFlowError
from vad.services.authorize import Step
from vad.services.consents import ConsentForm
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.i18n import current_language
from vad.web.support.pages import render
from vad.web.support.redirects import origin, see_other
from vad.web.support.services import now, services

blueprint = Blueprint("consent", __name__)

_DURATIONS: Mapping[str, Duration] = {duration.value: duration for duration in Duration}


@dataclass(frozen=True, slots=True)
class ShownSource:
    """A data source as the page shows it."""

    identifier: str
    name: str
    services: list[str]
    field_id: str


@blueprint.get("/toestemming")
def consent() -> Response:
    """Show the page, when consent is what is asked now."""
    step = _step(request.args.get("flow", ""))
    if not isinstance(step.next, AskConsent):
        return see_other(url_for("authorize.resume", flow=step.situation.request.flow))
    return _page(step, step.next)


@blueprint.post("/toestemming")
def answer() -> Response:
    """Record the person's answer and return to the authorization endpoint."""
    if not services().csrf.valid(browser().flow_cookie, request.form.get("csrf_token")):
        raise page_expired()
    step = _step(request.form.get("flow", ""))
    on = see_other(url_for("authorize.resume", flow=step.situation.request.flow))
    if not isinstance(step.next, AskConsent):
        return on
    if request.form.get("action") != "give":
        services().consents.refuse(step, now())
        return on
    duration = _DURATIONS.get(request.form.get("duration", ""))
    chosen = frozenset(request.form.getlist("source"))
    errors = {"source"} if step.next.sources and not chosen and not step.next.optional else set()
    if duration is None or errors:
        return _page(step, step.next, errors | ({"duration"} if duration is None else set()))
    form = ConsentForm(chosen, duration, request.form.get("shown_digest", ""))
    services().consents.give(step, form, now())
    return on


def _step(flow: str) -> Step:
    at, cookies = now(), browser()
    session = services().sessions.current(cookies.session_cookie, at)
    return services().authorize.step(flow, cookies.flow_cookie, session, at)


def _page(step: Step, asked: AskConsent, errors: set[str] | None = None) -> Response:
    flow_cookie, situation = browser().flow_cookie, step.situation
    if flow_cookie is None:
        raise StaleFlowError("no flow cookie")
    g.ui_locales = " ".join(situation.request.ui_locales)
    g.form_action_origins = [origin(situation.request.redirect_uri)]
    return render(
        "consent.html",
        status=400 if errors else 200,
        name=services().sessions.name(situation.session, now()) if situation.session else None,
        app_name=situation.client.name,
        organisation=situation.client.organisation,
        sources=[_shown(step, number, source) for number, source in enumerate(asked.sources, 1)],
        chosen=set(request.form.getlist("source")),
        duration=request.form.get("duration"),
        errors=errors or set(),
        shown_digest=services().consents.shown_digest(step),
        flow=situation.request.flow,
        csrf_token=services().csrf.token(flow_cookie),
    )


def _shown(step: Step, number: int, source: ResourceServer) -> ShownSource:
    names = []
    for identifier in sorted(services_at(step.situation.request, source)):
        service = services().registrations.data_service(identifier)
        if service is None:
            # Nobody can agree to what has no name.
            raise StaleFlowError("a data service is not registered any more")
        names.append(service.name_nl if current_language() == "nl" else service.name_en)
    return ShownSource(source.identifier, source.name, names, f"source-{number}")
