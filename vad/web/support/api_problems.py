"""Errors of a JSON API (RFC 9457): what a program can act on, and never a word of an exception."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

import structlog
from flask import Flask, Response
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from vad.domain.errors import UnavailableError
from vad.services import faults
from vad.web.support.api_models import InvalidValue, Problem
from vad.web.support.errors import PageError

_TYPE: Final = "application/problem+json"
_CODES: Final[Mapping[int, tuple[str, str]]] = {
    HTTPStatus.BAD_REQUEST: ("bad_request", "The request is not understood."),
    HTTPStatus.NOT_FOUND: ("not_found", "There is nothing here."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("method_not_allowed", "This can't be done here."),
    HTTPStatus.REQUEST_TIMEOUT: ("request_timeout", "The request did not arrive in time."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("content_too_large", "More was sent than is taken."),
    HTTPStatus.REQUEST_URI_TOO_LONG: ("uri_too_long", "The address is too long."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("unsupported_media_type", "The body must be application/json."),
    HTTPStatus.TOO_MANY_REQUESTS: ("too_many_requests", "Wait before the next request."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("server_error", "Something went wrong at VAD."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("temporarily_unavailable", "Try again in a moment."),
}


class ApiProblem(Exception):  # noqa: N818 - the word of RFC 9457
    """Raised by a view to end the request with this problem."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        errors: Sequence[InvalidValue] = (),
        headers: Mapping[str, str | Sequence[str]] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}


def not_found() -> ApiProblem:
    """The answer for what there is not, and for what is somebody else's: one and the same."""
    return ApiProblem(HTTPStatus.NOT_FOUND, *_CODES[HTTPStatus.NOT_FOUND])


def invalid(error: ValidationError, *, parameters: bool) -> ApiProblem:
    """The problem of input that is not as the schema says. What was sent is not repeated."""
    found = [
        _invalid_value([str(part) for part in each["loc"]], each["type"], each["msg"], parameters=parameters)
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return ApiProblem(HTTPStatus.BAD_REQUEST, "invalid_input", "Some values are not as they should be.", errors=found)


def invalid_value(pointer: str, code: str, detail: str) -> ApiProblem:
    """The problem of one member of the body."""
    found = [InvalidValue(in_="body", pointer=pointer, code=code, detail=detail)]
    return ApiProblem(HTTPStatus.BAD_REQUEST, "invalid_input", "Some values are not as they should be.", errors=found)


def _invalid_value(place: list[str], code: str, detail: str, *, parameters: bool) -> InvalidValue:
    # A name that is not ours is somebody's text: it is not repeated.
    known = place[:-1] if code == "extra_forbidden" else place
    if parameters:
        return InvalidValue(in_="query", name=known[0] if known else None, code=code, detail=detail)
    pointer = "#" + "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in known)
    return InvalidValue(in_="body", pointer=pointer, code=code, detail=detail)


def init_app(app: Flask) -> None:
    """Answer every error of this application with a problem."""

    def on_problem(error: ApiProblem) -> Response:
        return _answer(error.status, error.code, error.detail, error.errors, error.headers)

    def on_http_error(error: HTTPException) -> Response | HTTPException:
        if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
            return error
        more = {name: value for name, value in error.get_headers() if name.lower() != "content-type"}
        return _known(error.code, more)

    def on_page_error(error: PageError) -> Response:
        return _known(error.status, {} if error.retry_after is None else {"Retry-After": str(error.retry_after)})

    def on_unavailable(error: UnavailableError) -> Response:
        structlog.get_logger(__name__).warning("api_unavailable", kind=type(error).__name__)
        return _known(HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "5"})

    def on_fault(error: Exception) -> Response:
        structlog.get_logger(__name__).error(
            "api_error",
            exception_class=faults.class_of(error),
            where=faults.places(error),
            causes=faults.causes(error),
        )
        return _known(HTTPStatus.INTERNAL_SERVER_ERROR, {})

    app.register_error_handler(ApiProblem, on_problem)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(PageError, on_page_error)
    app.register_error_handler(UnavailableError, on_unavailable)
    app.register_error_handler(Exception, on_fault)


def _known(status: int, headers: Mapping[str, str | Sequence[str]]) -> Response:
    fallback = HTTPStatus.BAD_REQUEST if status < HTTPStatus.INTERNAL_SERVER_ERROR else HTTPStatus.INTERNAL_SERVER_ERROR
    return _answer(status, *_CODES.get(status, _CODES[fallback]), (), headers)


def _answer(
    status: int, code: str, detail: str, errors: Sequence[InvalidValue], headers: Mapping[str, str | Sequence[str]]
) -> Response:
    problem = Problem(
        title=HTTPStatus(status).phrase, status=int(status), detail=detail, code=code, errors=list(errors) or None
    )
    response = Response(problem.model_dump_json(exclude_none=True), status=int(status), mimetype=_TYPE)
    response.headers.update(headers)
    return response
