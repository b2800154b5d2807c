"""Staff log in at their own identity provider, and out again."""

from contextlib import suppress
from http import HTTPStatus

from flask import Blueprint, Response, abort, g, make_response, request, url_for

from vad.domain.errors import RegisterUnavailableError
from vad.domain.staff_session import StaffLoginFailure
from vad.services.ports.volatile import RateLimit
from vad.web.admin.addresses import page_of
from vad.web.admin.support import FLOW, SESSION, services
from vad.web.support import rate_limits
from vad.web.support.cookies import drop_cookie, forget_everything, read, set_cookie
from vad.web.support.csrf import sent_by
from vad.web.support.errors import page_expired
from vad.web.support.i18n import current_language
from vad.web.support.pages import render
from vad.web.support.redirects import page_stays, see_other
from vad.web.support.services import now

blueprint = Blueprint("staff_login", __name__)


@blueprint.get("/inloggen")
def login() -> Response:
    """The page before the identity provider. Not while a store is away."""
    services().health.require()
    failure = None
    with suppress(ValueError):
        failure = StaffLoginFailure(request.args.get("error", ""))
    return _page(failure)


@blueprint.post("/inloggen")
def answer() -> Response:
    """Go there."""
    cookie = read(FLOW)
    if cookie is None or not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    services().health.require()
    rate_limits.per_address(RateLimit.STAFF_LOGIN)
    where = page_of(request.form.get("page"))
    try:
        return see_other(services().login.begin(cookie, now(), language=current_language(), page=where))
    except RegisterUnavailableError:
        return _page(StaffLoginFailure.UNAVAILABLE, 503)


@blueprint.get("/callback")
def callback() -> Response:
    """Take what the identity provider sends back."""
    if any(len(values) > 1 for _, values in request.args.lists()):
        raise page_expired()
    result = services().login.complete(request.args.to_dict(), read(FLOW), read(SESSION), now())
    if result.failure is not None:
        response = see_other(url_for("staff_login.login", error=result.failure.value))
        drop_cookie(response, SESSION)
        return response
    response = see_other(f"{request.script_root}{page_of(result.page)}")
    set_cookie(response, SESSION, result.session_cookie or "")
    set_cookie(response, FLOW, result.flow_cookie or "")
    return response


@blueprint.get("/jwks")
def jwks() -> Response:
    """The keys that prove VAD at both identity providers, for them to fetch."""
    response = Response(services().jwks(), content_type="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.post("/auth/session/renew")
def renew() -> Response:
    """Stay logged in: 204 when the login goes on, 410 when there is none any more.

    No body, so no form token: who sends it is told by the browser itself.
    """
    if not sent_by(request.headers, services().origin):
        abort(HTTPStatus.FORBIDDEN)
    if services().login.current(read(SESSION), now()) is not None:
        return page_stays()
    response = make_response("Session is gone", HTTPStatus.GONE)
    response.mimetype = "text/plain"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/verlopen")
def expired() -> Response:
    """Where a page goes by itself once its time is over. While the login lives after all the page stays (204)."""
    if services().login.peek(read(SESSION), now()) is not None:
        return page_stays()
    return see_other(url_for("staff_login.login", pagina=request.args.get("pagina"), verlopen="ja"))


@blueprint.post("/uitloggen")
def log_out() -> Response:
    """End the login. Without one there is nothing to protect."""
    cookie = read(SESSION)
    if cookie is not None and not services().csrf.valid(cookie, request.form.get("csrf_token")):
        raise page_expired()
    services().login.log_out(cookie, now())
    response = see_other(url_for("staff_login.logged_out"))
    drop_cookie(response, SESSION)
    return response


@blueprint.get("/uitgelogd")
def logged_out() -> Response:
    """Say so, and have the browser forget what it stored."""
    response = render("logged_out.html", logged_in=False)
    forget_everything(response)
    return response


def _page(failure: StaffLoginFailure | None, status: int = 200) -> Response:
    cookie = read(FLOW) or services().random.token()
    g.form_action_origins = services().identity_origins
    response = render(
        "login.html",
        status=status,
        logged_in=False,
        error=failure.value if failure else None,
        ended=request.args.get("verlopen") == "ja",
        kept=request.args.get("bewaard") == "ja",
        page=page_of(request.values.get("pagina") or request.form.get("page")),
        csrf_token=services().csrf.token(cookie),
    )
    set_cookie(response, FLOW, cookie)
    return response
