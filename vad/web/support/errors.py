"""Error pages (P18).

A person gets what happened, what to do and a code; the log gets the same code and where it went wrong. The text of
an exception goes nowhere: to the person it means nothing, and it may hold what was asked or sent.
"""

import base64
import secrets
from collections.abc import Collection
from http import HTTPStatus

import structlog
from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from vad.services import faults
from vad.web.support.error_words import ErrorWords, words_for
from vad.web.support.i18n import _, msgid
from vad.web.support.pages import render

MACHINES = "vad.machine_blueprints"
"""Where the application keeps the names of the blueprints whose callers are programs."""
_CODE_BYTES = 5
_GROUP = 4


class PageError(Exception):
    """Raised by a view to end the request with an error page in words of its own, always without a redirect."""

    def __init__(self, status: int, words: ErrorWords, *, retry_after: int | None = None) -> None:
        """`retry_after` is in seconds (RFC 9110 section 10.2.3)."""
        super().__init__(words.error)
        self.status = status
        self.words = words
        self.retry_after = retry_after


def app_not_set_up(app_name: str | None = None, error: str = "invalid_request") -> PageError:
    """Make the error for a client or redirect URI we do not know: never a redirect (RFC 6749 section 4.1.2.1).

    `error` is for programs.
    """
    advice = msgid("Contact %(app)s.") if app_name else msgid("Contact the maker of the app.")
    words = ErrorWords(
        error,
        msgid("This app is not set up correctly"),
        msgid("That is why we cannot let you log in. You did nothing wrong."),
        advice,
        {"app": app_name.rstrip(".")} if app_name else {},
    )
    return PageError(HTTPStatus.BAD_REQUEST, words)


def page_expired() -> PageError:
    """Make the error for a form or a flow that is too old, used before, or begun in another browser."""
    words = ErrorWords(
        "invalid_request",
        msgid("This page no longer works"),
        msgid("You were away for too long, or you opened the page more than once."),
        msgid("Go back to your app and start again."),
    )
    return PageError(HTTPStatus.BAD_REQUEST, words)


def temporarily_unavailable(retry_after: int = 60) -> PageError:
    """Make the error for a store or a register that is away; `retry_after` is in seconds."""
    return PageError(HTTPStatus.SERVICE_UNAVAILABLE, words_for(HTTPStatus.SERVICE_UNAVAILABLE), retry_after=retry_after)


def register_error_pages(app: Flask, *, machine_blueprints: Collection[str] = ()) -> None:
    """Answer every error with a page, or with JSON `{error, error_description, code}` for a program.

    A program is a caller that likes JSON better than HTML, or any caller of a blueprint named in `machine_blueprints`.
    """
    machines = frozenset(machine_blueprints)
    app.extensions[MACHINES] = machines

    def on_http_error(error: HTTPException) -> Response | HTTPException:
        if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error
        response = _answer(error.code, words_for(error.code), error, machines)
        for name, value in error.get_headers(request.environ):
            if name.lower() not in {"content-type", "content-length"}:
                response.headers.add(name, value)
        return response

    def on_page_error(error: PageError) -> Response:
        response = _answer(error.status, error.words, error, machines)
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    def on_fault(error: Exception) -> Response:
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return _answer(status, words_for(status), error, machines)

    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(PageError, on_page_error)
    app.register_error_handler(Exception, on_fault)


def as_page(app: Flask, page: PageError, cause: Exception) -> Response:
    """Answer one of our own errors in the words of a page."""
    page.__cause__ = cause
    answer: Response = app.make_response(app.handle_user_exception(page.with_traceback(cause.__traceback__)))
    return answer


def _answer(status: int, words: ErrorWords, error: Exception, machines: frozenset[str]) -> Response:
    code = _new_code()
    _log(status, code, error)
    if _is_program(machines):
        description = f"{words.title % words.values}. {words.happened % words.values}"
        response = jsonify(error=words.error, error_description=description, code=code)
        response.status_code = status
        response.headers["Cache-Control"] = "no-store"
        return response
    return render(
        "error.html",
        status=status,
        title=_(words.title, **words.values),
        happened=_(words.happened, **words.values),
        advice=_(words.advice, **words.values),
        code=code,
    )


def _is_program(machines: frozenset[str]) -> bool:
    accepted = request.accept_mimetypes
    return _blueprint() in machines or accepted["application/json"] > accepted["text/html"]


def _blueprint() -> str | None:
    """The blueprint of the address; also when only the method was wrong, for which Flask finds none."""
    refused = request.routing_exception
    adapter = current_app.create_url_adapter(request)
    if not isinstance(refused, MethodNotAllowed) or not refused.valid_methods or adapter is None:
        return request.blueprint
    try:
        endpoint, _arguments = adapter.match(method=next(iter(refused.valid_methods)))
    except HTTPException:
        # With another method it would be sent on, to the address without its second slash.
        return None
    return str(endpoint).rpartition(".")[0] or None


def _new_code() -> str:
    """Make a code that is easy to read out: eight characters of base32 (RFC 4648 section 6) in two groups."""
    code = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode()
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def _log(status: int, code: str, error: Exception) -> None:
    """Log once. The endpoint's name stands in for the address, which may carry what a person typed."""
    log = structlog.get_logger(__name__)
    ours = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    report = log.error if ours else log.info
    report(
        "page_error",
        status=int(status),
        code=code,
        exception_class=faults.class_of(error),
        where=faults.places(error),
        endpoint=request.endpoint,
        **({"causes": faults.causes(error)} if ours else {}),
    )
