"""The authorization endpoint (OIDC Core 3.1.2): takes a request, and takes it up again after every page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from flask import Blueprint, Response, g, request, url_for
from werkzeug.datastructures import MultiDict

from vad.domain.authorization import (
    AskConsent,
    AuthorizationRequest,
    ChooseRepresented,
    ConfirmActing,
    ConfirmLogin,
    Issue,
    LevelUnmet,
    LogIn,
    NextStep,
    Refuse,
    SomebodyElse,
)
from vad.domain.client import Client
from vad.domain.errors import ProtocolError, StaleFlowError
from vad.domain.ground import DenyReason
from vad.domain.profile import Demand
from vad.domain.session import Session
from vad.services.authorize import AuthorizationResponse, Step
from vad.services.ports.volatile import RateLimit
from vad.services.pushed_requests import PREFIX
from vad.web.oidc import authorization_request, parameters, request_object
from vad.web.oidc.authorization_response import respond, way_back
from vad.web.support import rate_limits, renewable_login
from vad.web.support.cookies import FLOW, browser, set_cookie
from vad.web.support.errors import app_not_set_up
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("authorize", __name__)

_PAGES: Mapping[type[NextStep], str] = {
    LogIn: "login.login",
    ConfirmLogin: "confirm_login.confirm_login",
    ChooseRepresented: "acting.choose",
    ConfirmActing: "acting.confirm",
    AskConsent: "consent.consent",
}
"""Where the steps are that a person takes."""
_LONGEST_STATE = 7 * 1024
"""Characters as it stands in an address. Browsers and servers refuse much longer ones."""


@blueprint.route("/authorize", methods=["GET", "POST"])
def authorize() -> Response:
    """Take an authorization request. Where it can't be told safely who asks, a page says so: never a redirect."""
    rate_limits.per_address(RateLimit.AUTHORIZE)
    sent, at = request.form if request.method == "POST" else request.args, now()
    g.ui_locales = sent.get("ui_locales", "")
    client = _client(sent)
    asked = sent
    try:
        asked = request_object.opened(request_object.fetched(sent, client), client)
        named = asked.get("request_uri", "").startswith(PREFIX)
        frozen = _pushed(asked, client, at) if named else _brought(asked, client, at)
    except ProtocolError as error:
        redirect_uri = _redirect_uri(asked, client)
        answer = AuthorizationResponse(redirect_uri, _state(asked), authorization_request.mode(asked), error=error)
        return respond(answer, client.name)
    if request.method == "POST" and browser().flow_cookie is None:
        # Another site's form brings no cookies (SameSite=Lax), and a new one would take the place of the one that other
        # tabs go by. The GET that it is sent on with does bring them.
        services().posted_requests.wait(frozen)
        return see_other(url_for("authorize.posted", flow=frozen.flow))
    return _begin(frozen, at)


@blueprint.get("/authorize/posted")
def posted() -> Response:
    """Take in a request that came as another site's form, for the first browser that comes with it."""
    at = now()
    return _begin(services().posted_requests.waiting(request.args.get("flow", "")), at)


@blueprint.get("/authorize/resume")
def resume() -> Response:
    """Compute the next step from the facts: a page, a code, or a refusal."""
    at = now()
    asked = services().authorize.request(request.args.get("flow", ""), browser().flow_cookie)
    return _answer(services().authorize.step_of(asked, _session(asked, at), at), at)


def _begin(asked: AuthorizationRequest, at: datetime) -> Response:
    flow_cookie = browser().flow_cookie or services().random.token()
    bound = replace(asked, browser=services().handles.browser(flow_cookie), received_at=at)
    # A login that the app itself kept does for what is answered at once: pages are for people who are there.
    step = services().authorize.begin(bound, _session(bound, at) or renewable_login.kept(bound.client_id, at))
    if step is not None:
        return _answer(step, at)
    response = see_other(url_for("authorize.resume", flow=bound.flow))
    set_cookie(response, FLOW, flow_cookie)
    return response


def _session(asked: AuthorizationRequest, at: datetime) -> Session | None:
    """The live session of this browser. What the app does without the person keeps nobody logged in (rule 36)."""
    sessions, cookie = services().sessions, browser().session_cookie
    return sessions.peek(cookie, at) if "none" in asked.prompt else sessions.current(cookie, at)


def _answer(step: Step, at: datetime) -> Response:
    name = step.situation.client.name
    g.ui_locales = " ".join(step.situation.request.ui_locales)
    without_pages = services().authorize.without_pages(step, at)
    if without_pages is not None:
        return respond(without_pages, name)
    match step.next:
        case LogIn() | ConfirmLogin() | ChooseRepresented() | ConfirmActing() | AskConsent():
            return see_other(url_for(_PAGES[type(step.next)], flow=step.situation.request.flow))
        case Issue():
            response = respond(services().authorize.issue(step, at), name)
            return renewable_login.begin(response, step.situation.client, step.situation.session, at)
        case SomebodyElse() | LevelUnmet():
            return respond(services().authorize.refuse(step, at), name)
        case Refuse(reason):
            if reason is None or "none" in step.situation.request.prompt:
                return respond(services().authorize.refuse(step, at), name)
            return _explain(step, reason, services().authorize.refuse_and_tell(step, reason, at))


def _client(asked: MultiDict[str, str]) -> Client:
    """The client, when it is beyond doubt. Raises a page error otherwise."""
    client_ids = asked.getlist("client_id")
    client = services().registrations.client(client_ids[0]) if len(client_ids) == 1 else None
    if client is None or not client.active:
        raise app_not_set_up(
            error=services().profiles.not_registered if client is None else client.rules.not_registered
        )
    return client


def _redirect_uri(asked: MultiDict[str, str], client: Client) -> str:
    """The redirect URI, when it is beyond doubt. Raises a page error otherwise."""
    redirect_uris = asked.getlist("redirect_uri")
    if len(redirect_uris) != 1 or not client.accepts_redirect_uri(redirect_uris[0]):
        raise app_not_set_up(client.name, client.rules.not_registered)
    return redirect_uris[0]


def _brought(asked: MultiDict[str, str], client: Client, at: datetime) -> AuthorizationRequest:
    """The request as the browser brought it. Raises `ProtocolError`, and a page error where nobody may be sent to."""
    _redirect_uri(asked, client)
    if client.pushed_request is Demand.REQUIRED:
        raise ProtocolError("invalid_request", "the request must be pushed")
    frozen = authorization_request.read(asked, client, services().random.token(), at)
    return services().authorize.check(frozen, asked.get("id_token_hint"))


def _pushed(asked: MultiDict[str, str], client: Client, at: datetime) -> AuthorizationRequest:
    """The request of this name; what else the browser brought does not count (RFC 9126 section 4).

    Raises `StaleFlowError` where there is none: nobody knows then where the app is.
    """
    try:
        parameters.check(asked)
        return services().pushed.taken_up(asked["request_uri"], client, services().random.token(), at)
    except ProtocolError as error:
        raise StaleFlowError(error.description) from error


def _state(asked: MultiDict[str, str]) -> str:
    """The state to give back with an error, as it came; none where it came twice or fits no address."""
    states = asked.getlist("state")
    return states[0] if len(states) == 1 and len(quote(states[0])) <= _LONGEST_STATE else ""


def _explain(step: Step, reason: DenyReason, refusal: AuthorizationResponse) -> Response:
    """Tell the person why, in plain words; the app hears no more than that it was refused.

    Where they act for another, what the register said may be about that person, and no word tells which. What a child
    did not agree to is another matter: the page where they chose says the same.
    """
    session = step.situation.session
    acts = session is not None and step.situation.request.acts(session)
    return render(
        "refused.html",
        status=403,
        reason="" if acts and reason is not DenyReason.NO_ASSENT else reason.value,
        app_name=step.situation.client.name,
        back=way_back(refusal),
    )
