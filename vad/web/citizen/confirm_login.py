"""Going on to another app without logging in again (rule 37): who is logged in, which app asks, and "not you?"."""

from flask import Blueprint, Response, g, request, url_for

from vad.domain.authorization import ConfirmLogin
from vad.domain.errors import StaleFlowError
from vad.services.authorize import Step
from vad.web.support.cookies import SESSION, browser, drop_cookie
from vad.web.support.errors import page_expired
from vad.web.support.flows import step_of
from vad.web.support.pages import render
from vad.web.support.redirects import origin, see_other
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout

blueprint = Blueprint("confirm_login", __name__)


@blueprint.get("/doorgaan")
def confirm_login() -> Response:
    """Show the page, when this is what is asked now."""
    step = step_of(request.args.get("flow", ""))
    if not isinstance(step.next, ConfirmLogin):
        return see_other(url_for("authorize.resume", flow=step.situation.request.flow))
    services().authorize.hold(step.situation.request)
    return _page(step)


@blueprint.post("/doorgaan")
def answer() -> Response:
    """Go on, go back to the app, or end the session of somebody else; then to the authorization endpoint."""
    cookies = browser()
    if not services().csrf.valid(cookies.flow_cookie, request.form.get("csrf_token")):
        raise page_expired()
    step = step_of(request.form.get("flow", ""))
    on = see_other(url_for("authorize.resume", flow=step.situation.request.flow))
    if not isinstance(step.next, ConfirmLogin) or cookies.session_cookie is None:
        return on
    match request.form.get("action"):
        case "continue":
            services().authorize.confirm_login(step, cookies.session_cookie, now())
        case "not_me":
            services().sessions.log_out(cookies.session_cookie, now())
            drop_cookie(on, SESSION)
        case _:
            services().authorize.refused_by_person(step.situation.request)
    return on


def _page(step: Step) -> Response:
    flow_cookie, situation = browser().flow_cookie, step.situation
    if flow_cookie is None or situation.session is None:
        raise StaleFlowError("no flow cookie, or no session")
    g.ui_locales = " ".join(situation.request.ui_locales)
    g.form_action_origins = [origin(situation.request.redirect_uri)]
    return render(
        "confirm_login.html",
        name=services().sessions.name(situation.session, now()),
        since=situation.session.auth_time,
        app_name=situation.client.name,
        organisation=situation.client.organisation,
        links=situation.client,
        flow=situation.request.flow,
        timeout=timeout(situation.session, now(), flow=situation.request.flow),
        csrf_token=services().csrf.token(flow_cookie),
    )
