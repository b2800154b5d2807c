"""Showing with one's own DigiD whose account it is, at the first login with it."""

from contextlib import suppress

from flask import Blueprint, Response, g, request, url_for

from vad.domain.errors import RegisterUnavailableError
from vad.domain.staff_session import EnrolmentFailure
from vad.services.ports.volatile import RateLimit
from vad.web.admin.addresses import page_of
from vad.web.admin.support import FLOW, SESSION, services
from vad.web.admin.time_out import log_in_first
from vad.web.support import rate_limits
from vad.web.support.cookies import read, set_cookie
from vad.web.support.errors import page_expired
from vad.web.support.i18n import current_language
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now

blueprint = Blueprint("enrolment", __name__)


@blueprint.get("/aanmelden")
def enrolment() -> Response:
    """Say what is asked, and why. Nothing else is to be seen before."""
    session = services().login.current(read(SESSION), now())
    if session is None:
        return log_in_first(services().typed, read(SESSION))
    if session.account is not None:
        return see_other(f"{request.script_root}/")
    failure = None
    with suppress(ValueError):
        failure = EnrolmentFailure(request.args.get("error", ""))
    return _page(failure)


@blueprint.post("/aanmelden")
def answer() -> Response:
    """Go to DigiD."""
    cookie, flow = read(SESSION), read(FLOW)
    if flow is None or not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    session = services().login.current(cookie, now())
    if session is None or session.account is not None:
        return log_in_first(services().typed, read(SESSION))
    rate_limits.per_address(RateLimit.STAFF_LOGIN)
    where = page_of(request.form.get("page"))
    try:
        return see_other(services().enrolment.begin(flow, now(), language=current_language(), page=where))
    except RegisterUnavailableError:
        return _page(EnrolmentFailure.UNAVAILABLE, 503)


@blueprint.get("/digid/callback")
def callback() -> Response:
    """Take what DigiD sends back."""
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise page_expired()
    result = services().enrolment.complete(request.args.to_dict(), read(FLOW), read(SESSION), now())
    if result.failure is not None:
        return see_other(url_for("enrolment.enrolment", error=result.failure.value, pagina=result.page))
    response = see_other(f"{request.script_root}{page_of(result.page)}")
    set_cookie(response, SESSION, result.session_cookie or "")
    set_cookie(response, FLOW, result.flow_cookie or "")
    return response


def _page(failure: EnrolmentFailure | None, status: int = 200) -> Response:
    g.form_action_origins = services().identity_origins
    return render(
        "enrolment.html",
        status=status,
        error=failure.value if failure else None,
        page=page_of(request.values.get("pagina") or request.form.get("page")),
        csrf_token=services().csrf.token(read(SESSION) or ""),
    )
