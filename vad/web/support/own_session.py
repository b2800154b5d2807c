"""The session of somebody on one of VAD's own pages."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request

from vad.domain.session import Session
from vad.web.support.cookies import browser
from vad.web.support.errors import page_expired
from vad.web.support.pages import render
from vad.web.support.services import now, services
from vad.web.support.timeout import timeout


@dataclass(frozen=True, slots=True)
class Visit:
    """A live session, and the cookie that brought it."""

    session: Session
    cookie: str


def visit() -> Visit | None:
    """Who is here; None for somebody who is not logged in, or not any more."""
    cookie = browser().session_cookie
    session = services().sessions.current(cookie, now())
    return None if session is None or cookie is None else Visit(session, cookie)


def posted() -> Visit | None:
    """The same for a form of ours. Raises the error of a page that is too old, or was made by somebody else."""
    if not services().csrf.valid(browser().session_cookie, request.form.get("csrf_token")):
        raise page_expired()
    return visit()


def page(template: str, here: Visit, name: str, *, status: int = 200, **context: Any) -> Response:
    """One of VAD's own pages, by the name that leads back to it (`own_pages`)."""
    at = now()
    return render(
        template,
        status=status,
        name=services().sessions.name(here.session, at),
        young=services().assents.concerns(here.session, at),
        timeout=timeout(here.session, at, page=name),
        csrf_token=services().csrf.token(here.cookie),
        **context,
    )
