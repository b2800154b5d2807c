"""The cookie of a login that an app may renew. Its header is written by hand: readers go by its case and order."""

from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus

from flask import Response, current_app, make_response, request

from vad.domain.client import Client
from vad.domain.identifiers import ClientId
from vad.domain.session import Session
from vad.services.renewable_login import Handle
from vad.web.support import cookies
from vad.web.support.cookies import browser
from vad.web.support.redirects import page_stays
from vad.web.support.services import services

NAME = "auth_session"
_LONGEST = 128
_GONE = "Thu, 01 Jan 1970 00:00:00 GMT"


def begin(response: Response, client: Client, session: Session | None, at: datetime) -> Response:
    """The answer after a login, with the cookie where this app may renew it."""
    handle = None if session is None else services().renewable_logins.begin(client, session, _sent(), at)
    return response if handle is None else _with_cookie(response, handle)


def kept(client_id: ClientId, at: datetime) -> Session | None:
    """The session of this browser, where this app kept it though the person did nothing at VAD."""
    return services().renewable_logins.session(client_id, _sent(), browser().session_cookie, at)


def renewed(at: datetime) -> Response:
    """204 with the cookie for as long again, or 410 and the cookie is gone."""
    handle = services().renewable_logins.renew(_sent(), at)
    if handle is not None:
        return _with_cookie(page_stays(), handle)
    response = gone()
    response.headers.add("Set-Cookie", f"{NAME}=; expires={_GONE}; Max-Age=0; Path=/; SameSite=lax")
    return response


def gone() -> Response:
    """There is nothing to renew."""
    response = make_response("Session is gone", HTTPStatus.GONE)
    response.mimetype = "text/plain"
    response.headers["Cache-Control"] = "no-store"
    return response


def _sent() -> str | None:
    value = request.cookies.get(NAME)
    return value if value and len(value) <= _LONGEST and value.isascii() else None


def _with_cookie(response: Response, handle: Handle) -> Response:
    expires = format_datetime(handle.expires_at, usegmt=True)
    secure = "; Secure" if cookies.over_https(current_app) else ""
    response.headers.add(
        "Set-Cookie", f"{NAME}={handle.value}; expires={expires}; HttpOnly; Path=/; SameSite=lax{secure}"
    )
    return response
