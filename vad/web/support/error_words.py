"""The words of the error pages (P18): what happened, and what to do now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from vad.web.support.i18n import msgid


@dataclass(frozen=True)
class ErrorWords:
    """Message ids for people and an `error` code for programs; `values` fills in `%(name)s` in any of the texts."""

    error: str
    title: str
    happened: str
    advice: str
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


_START_AGAIN = msgid("Go back to your app and start again.")
_TRY_LATER = msgid("Try again in a few minutes. You do not have to do anything else.")

_UNCLEAR = ErrorWords(
    "invalid_request", msgid("This does not work"), msgid("We do not understand what was sent to us."), _START_AGAIN
)
_BROKEN = ErrorWords(
    "server_error",
    msgid("Something went wrong"),
    msgid("It is not your fault."),
    msgid("Try again later. Does it keep going wrong? Then contact us."),
)
_AWAY = ErrorWords(
    "temporarily_unavailable",
    msgid("VAD does not work at this moment"),
    msgid("We cannot reach a part that we need. It is not your fault."),
    _TRY_LATER,
)

_WORDS: Final[Mapping[int, ErrorWords]] = {
    HTTPStatus.BAD_REQUEST: _UNCLEAR,
    HTTPStatus.UNAUTHORIZED: ErrorWords(
        "unauthorized",
        msgid("You are not logged in"),
        msgid("You can only see this page when you are logged in."),
        _START_AGAIN,
    ),
    HTTPStatus.FORBIDDEN: ErrorWords(
        "access_denied",
        msgid("No access"),
        msgid("This page is not meant for you, or you were logged out."),
        _START_AGAIN,
    ),
    HTTPStatus.NOT_FOUND: ErrorWords(
        "not_found",
        msgid("Page not found"),
        msgid("This page does not exist or has moved."),
        msgid("Did you type the address? Check it. Did you follow a link? Then go back to your app."),
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: ErrorWords(
        "method_not_allowed",
        msgid("You cannot open this page like this"),
        msgid("You can only come to this page with a button in VAD or in your app."),
        _START_AGAIN,
    ),
    HTTPStatus.REQUEST_TIMEOUT: ErrorWords(
        "request_timeout", msgid("It took too long"), msgid("Your answer did not reach us in time."), _START_AGAIN
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ErrorWords(
        "content_too_large", msgid("This is too much"), msgid("More was sent to us than we can handle."), _START_AGAIN
    ),
    HTTPStatus.REQUEST_URI_TOO_LONG: ErrorWords(
        "uri_too_long", msgid("The address is too long"), msgid("We cannot open such a long address."), _START_AGAIN
    ),
    HTTPStatus.TOO_MANY_REQUESTS: ErrorWords(
        "too_many_requests",
        msgid("Too many attempts"),
        msgid("You tried this too often in a short time."),
        msgid("Wait a few minutes. Then try again."),
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: _BROKEN,
    HTTPStatus.BAD_GATEWAY: _AWAY,
    HTTPStatus.SERVICE_UNAVAILABLE: _AWAY,
    HTTPStatus.GATEWAY_TIMEOUT: _AWAY,
}


def words_for(status: int) -> ErrorWords:
    """Give the words for an HTTP status of 400 or more."""
    fallback = _BROKEN if status >= HTTPStatus.INTERNAL_SERVER_ERROR else _UNCLEAR
    return _WORDS.get(status, fallback)
