"""How an answer of the authorization endpoint reaches the app (OIDC Core 3.1.2.5, Form Post Response Mode 1.0)."""

from dataclasses import dataclass

import structlog
from flask import Response, g

from vad.domain.authorization import ResponseMode
from vad.services.authorize import AuthorizationResponse
from vad.web.support.pages import render
from vad.web.support.redirects import origin, see_other, with_query
from vad.web.support.services import services


@dataclass(frozen=True)
class Back:
    """The way back to the app, as a page shows it."""

    address: str
    """To follow, or to post the fields to."""
    fields: tuple[tuple[str, str], ...]
    """What a form brings there; none where the address says it all."""


def respond(answer: AuthorizationResponse, app_name: str) -> Response:
    """Send the browser back at once: by a redirect, or by a form that a script sends, and a button without scripts."""
    if answer.error is not None:
        structlog.get_logger(__name__).info(
            "authorization_refused", error=answer.error.error, detail=answer.error.detail
        )
    if answer.mode is ResponseMode.QUERY:
        return see_other(_location(answer))
    g.page_script = True
    return render("form_post.html", once=True, app_name=app_name, back=way_back(answer))


def way_back(answer: AuthorizationResponse) -> Back:
    """For a page that the person leaves by themselves. A form may then lead to the app."""
    if answer.mode is ResponseMode.QUERY:
        return Back(_location(answer), ())
    g.form_action_origins = [origin(answer.redirect_uri)]
    return Back(answer.redirect_uri, tuple(_parameters(answer)))


def _parameters(answer: AuthorizationResponse) -> list[tuple[str, str]]:
    """`iss` always (RFC 9207)."""
    added = [("code", answer.code)] if answer.code is not None else []
    if answer.error is not None:
        added += [("error", answer.error.error), ("error_description", answer.error.description)]
    if answer.state:
        added.append(("state", answer.state))
    return [*added, ("iss", services().issuer)]


def _location(answer: AuthorizationResponse) -> str:
    """The redirect URI with the answer added to its query."""
    return with_query(answer.redirect_uri, _parameters(answer))
