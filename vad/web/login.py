"""Logging in: the page before DigiD (P1), and coming back from it."""

from contextlib import suppress

from flask import Blueprint, Response, g, request, url_for

from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization import LogIn
from vad.domain.errors import LoginFailure, RegisterUnavailableError, StaleFlowError
from vad.services.authorize import Step
from vad.services.ports.volatile import RateLimit
from vad.web.support import own_pages, rate_limits
from vad.web.support.cookies import FLOW, SESSION, browser, drop_cookie, set_cookie
from vad.web.support.errors import page_expired
from vad.web.support.flows import step_of
from vad.web.support.i18n import current_language
from vad.web.support.pages import render
from vad.web.support.redirects import origin, see_other
from vad.web.support.services import now, services

blueprint = Blueprint("login", __name__)

_OWN_MINIMUM = LevelOfAssurance.SUBSTANTIEEL
"""What VAD's own pages demand."""


@blueprint.get("/inloggen")
def login() -> Response:
    """Show the page: for an app's flow, or for VAD's own pages.

    Not while a store is away: nobody is sent to DigiD for a login that can't be kept.
    """
    services().health.require()
    flow = request.args.get("flow")
    if flow is None:
        return _own_page(_failure(request.args.get("error")))
    step = step_of(flow)
    if not isinstance(step.next, LogIn):
        return see_other(url_for("authorize.resume", flow=flow))
    return _page(step, step.situation.request.login_failure)


@blueprint.post("/inloggen")
def answer() -> Response:
    """Go to DigiD, or back to the app."""
    cookies = browser()
    if not services().csrf.valid(cookies.flow_cookie, request.form.get("csrf_token")) or cookies.flow_cookie is None:
        raise page_expired()
    flow, cancelled = request.form.get("flow") or None, request.form.get("action") == "cancel"
    if flow is None:
        page = own_pages.known(request.form.get("page"))
        if cancelled:
            return see_other(url_for("login.login", pagina=page))
        return _to_digid(cookies.flow_cookie, None, _OWN_MINIMUM, page)
    step = step_of(flow)
    if cancelled:
        services().authorize.refused_by_person(step.situation.request)
    elif isinstance(step.next, LogIn):
        return _to_digid(cookies.flow_cookie, step, step.next.minimum)
    return see_other(url_for("authorize.resume", flow=flow))


@blueprint.get("/digid/callback")
def callback() -> Response:
    """Take what DigiD sends back. Cookies of a GET from elsewhere survive because they are SameSite=Lax."""
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise page_expired()
    result = services().login.complete(request.args.to_dict(), browser(), now())
    if result.flow is not None:
        response = see_other(url_for("authorize.resume", flow=result.flow))
    elif result.failure is not None:
        response = see_other(url_for("login.login", error=result.failure.value, pagina=result.page or None))
    else:
        response = see_other(own_pages.address(result.page))
    if result.session_cookie is None:
        drop_cookie(response, SESSION)
    else:
        set_cookie(response, SESSION, result.session_cookie)
    if result.flow_cookie is not None:
        set_cookie(response, FLOW, result.flow_cookie)
    return response


def _to_digid(flow_cookie: str, step: Step | None, minimum: LevelOfAssurance, page: str = "") -> Response:
    services().health.require()
    rate_limits.per_address(RateLimit.LOGIN)
    flow = step.situation.request.flow if step else None
    try:
        language = current_language()
        return see_other(services().login.begin(flow_cookie, flow, minimum, now(), language=language, page=page))
    except RegisterUnavailableError:
        return _page(step, LoginFailure.FAILED, 503) if step else _own_page(LoginFailure.FAILED, 503)


def _page(step: Step, failure: LoginFailure | None, status: int = 200) -> Response:
    known, flow_cookie = step.situation.request, browser().flow_cookie
    if flow_cookie is None:
        raise StaleFlowError("no flow cookie")
    g.ui_locales = " ".join(known.ui_locales)
    # A form that ends in a redirect elsewhere: to DigiD, or on cancelling to the app.
    g.form_action_origins = [services().digid_origin, origin(known.redirect_uri)]
    ended = _ended()
    return render(
        "login.html",
        status=status,
        logged_in=ended is None,
        app_name=step.situation.client.name,
        links=step.situation.client,
        error=failure.value if failure else None,
        flow=known.flow,
        page="",
        ended=ended,
        again=False,
        kept=request.args.get("bewaard") == "ja",
        csrf_token=services().csrf.token(flow_cookie),
    )


def _own_page(failure: LoginFailure | None, status: int = 200) -> Response:
    flow_cookie = browser().flow_cookie or services().random.token()
    g.form_action_origins = [services().digid_origin]
    ended = _ended()
    response = render(
        "login.html",
        status=status,
        logged_in=ended is None,
        app_name=None,
        error=failure.value if failure else None,
        flow="",
        page=own_pages.known(request.values.get("pagina") or request.form.get("page")),
        ended=ended,
        again=request.args.get("opnieuw") == "ja",
        kept=False,
        csrf_token=services().csrf.token(flow_cookie),
    )
    set_cookie(response, FLOW, flow_cookie)
    return response


def _ended() -> str | None:
    """How the login of this browser ended, if one did: "idle" by doing nothing, or "over" in another way."""
    if services().sessions.ended_idle(browser().session_cookie, now()):
        return "idle"
    return "over" if request.args.get("verlopen") == "ja" else None


def _failure(value: str | None) -> LoginFailure | None:
    with suppress(ValueError):
        return LoginFailure(value or "")
    return None
