"""Asking for consent (P5)."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, g, request, url_for

from vad.domain.authorization import AskConsent, LogIn
from vad.domain.client import API_SCOPES, ResourceServer
from vad.domain.consent import Duration
from vad.domain.errors import StaleFlowError
from vad.services.authorize import Step
from vad.services.consents import ConsentForm
from vad.services.ports.volatile import ConsentDraft
from vad.web.support import shared_claims
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.flows import step_of
from vad.web.support.i18n import current_language
from vad.web.support.pages import render
from vad.web.support.redirects import origin, page_stays, see_other
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout

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
    step = step_of(request.args.get("flow", ""))
    if not isinstance(step.next, AskConsent):
        return see_other(url_for("authorize.resume", flow=step.situation.request.flow))
    services().authorize.hold(step.situation.request)
    return _page(step, step.next, services().consents.take_draft(step))


@blueprint.post("/toestemming")
def answer() -> Response:
    """Record the person's answer and return to the authorization endpoint."""
    if not services().csrf.valid(browser().flow_cookie, request.form.get("csrf_token")):
        raise page_expired()
    action, flow = request.form.get("action"), request.form.get("flow", "")
    if action == "keep":
        return _time_is_over(flow)
    step = step_of(flow)
    on = see_other(url_for("authorize.resume", flow=step.situation.request.flow))
    if isinstance(step.next, LogIn) and action == "give":
        return _log_in_again(step)
    if not isinstance(step.next, AskConsent):
        return on
    if action != "give":
        services().consents.refuse(step, now())
        return on
    sent = _sent()
    duration, chosen = sent.duration, sent.chosen
    nothing = not chosen - step.next.own_scopes
    errors = {"source"} if step.next.sources and nothing and not step.next.optional else set()
    if duration is None or errors:
        return _page(step, step.next, sent, errors=errors | ({"duration"} if duration is None else set()))
    form = ConsentForm(chosen, duration, sent.shown_digest)
    services().consents.give(step, form, now())
    return on


def _sent() -> ConsentDraft:
    """What stands in the form."""
    duration = _DURATIONS.get(request.form.get("duration", ""))
    return ConsentDraft(frozenset(request.form.getlist("source")), duration, request.form.get("shown_digest", ""))


def _time_is_over(flow: str) -> Response:
    """What the page sends by itself once its time is over. While the login lives after all the page stays."""
    at, cookies = now(), browser()
    if services().sessions.peek(cookies.session_cookie, at) is not None:
        return page_stays()
    return _log_in_again(services().authorize.step(flow, cookies.flow_cookie, None, at))


def _log_in_again(step: Step) -> Response:
    """To the login page, with what was filled in kept for its owner alone."""
    kept = services().consents.keep_draft(step, request.form.get("owner", ""), _sent(), now())
    flow, over = step.situation.request.flow, step.situation.session is None
    return see_other(url_for("login.login", flow=flow, verlopen="ja" if over else None, bewaard="ja" if kept else None))


def _page(
    step: Step, asked: AskConsent, filled_in: ConsentDraft | None, *, errors: frozenset[str] | set[str] = frozenset()
) -> Response:
    flow_cookie, situation = browser().flow_cookie, step.situation
    if flow_cookie is None:
        raise StaleFlowError("no flow cookie")
    g.ui_locales = " ".join(situation.request.ui_locales)
    g.form_action_origins = [origin(situation.request.redirect_uri)]
    return render(
        "consent.html",
        status=400 if errors else 200,
        name=services().sessions.name(situation.session, now()) if situation.session else None,
        represented=services().acting.name(step, now()),
        app_name=situation.client.name,
        organisation=situation.client.organisation,
        links=situation.client,
        sources=[_shown(step, number, source) for number, source in enumerate(asked.sources, 1)],
        api=bool(asked.own_scopes & API_SCOPES),
        claims=shared_claims.shown(asked.own_scopes),
        chosen=filled_in.chosen if filled_in else frozenset(),
        duration=filled_in.duration if filled_in else None,
        restored=filled_in is not None and not errors,
        errors=errors,
        owner=services().consents.owner(step),
        shown_digest=services().consents.shown_digest(step),
        flow=situation.request.flow,
        timeout=timeout(situation.session, now(), flow=situation.request.flow),
        csrf_token=services().csrf.token(flow_cookie),
    )


def _shown(step: Step, number: int, source: ResourceServer) -> ShownSource:
    names = []
    for identifier in sorted(step.situation.services_at(source)):
        service = services().registrations.data_service(identifier)
        if service is None:
            # Nobody can agree to what has no name.
            raise StaleFlowError("a data service is not registered any more")
        names.append(service.name_nl if current_language() == "nl" else service.name_en)
    return ShownSource(source.identifier, source.name, names, f"source-{number}")
