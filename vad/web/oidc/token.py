"""The token endpoint (RFC 6749 section 3.2)."""

from http import HTTPStatus

import structlog
from flask import Blueprint, Response, abort, jsonify, request

from vad.domain.errors import CodeSpentError, ProtocolError, UnavailableError
from vad.web.oidc import parameters
from vad.web.oidc.server import server

blueprint = Blueprint("token", __name__)

_FORM = "application/x-www-form-urlencoded"


@blueprint.post("/token")
def token() -> Response:
    """Issue tokens. Every refusal is JSON (RFC 6749 section 5.2); stores or registers away: 503."""
    try:
        _check_transport()
        parameters.check(request.form)
        parameters.required(request.form, "grant_type")
        response: Response = server().create_token_response()
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            # Authlib's own refusals: its class of error is enough, its words may repeat what was sent.
            body = response.get_json(silent=True) or {}
            structlog.get_logger(__name__).info("token_refused", error=body.get("error"), detail="")
    except ProtocolError as error:
        structlog.get_logger(__name__).info("token_refused", error=error.error, detail=error.detail)
        response = _error(400, error.error, error.description)
    except UnavailableError as error:
        structlog.get_logger(__name__).warning("token_unavailable", kind=type(error).__name__)
        response = _error(503, "temporarily_unavailable", _again(error))
        response.headers["Retry-After"] = "5"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def _check_transport() -> None:
    """Parameters come in the body, as a form: a query would end in logs (RFC 6749 section 3.2)."""
    if request.query_string:
        raise ProtocolError("invalid_request", "parameters belong in the request body")
    if request.mimetype != _FORM:
        raise ProtocolError("invalid_request", f"the content type must be {_FORM}")
    _check_whole()


def _check_whole() -> None:
    """Refuse a body that came in chunks and did not end at the limit: werkzeug would parse as much as fits."""
    chunked = request.content_length is None and "wsgi.input_terminated" in request.environ
    if chunked and request.form is not None and request.environ["wsgi.input"].read(1):
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _again(error: UnavailableError) -> str:
    if isinstance(error, CodeSpentError):
        return "the code is spent: in a moment, begin a new authorization request"
    return "try again in a moment"


def _error(status: int, error: str, description: str) -> Response:
    response = jsonify(error=error, error_description=description)
    response.status_code = status
    return response
