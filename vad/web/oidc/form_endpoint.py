"""What endpoints that programs post a form to have in common: how it must come, and how no is said."""

from collections.abc import Callable
from http import HTTPStatus

import structlog
from flask import Response, abort, jsonify, request

from vad.domain.errors import CodeSpentError, ProtocolError, UnavailableError
from vad.web.oidc import parameters
from vad.web.support import dpop, rate_limits

UNPROVED = "invalid_client"
_FORM = "application/x-www-form-urlencoded"


def answered(name: str, view: Callable[[], Response]) -> Response:
    """The view's answer, never cached. Every refusal is JSON (RFC 6749 section 5.2); stores or registers away: 503.

    Raises a 429 page error for an address that too often did not prove who asks.
    """
    rate_limits.refuse_unproved()
    try:
        _check_transport()
        parameters.check(request.form)
        response = view()
    except ProtocolError as error:
        structlog.get_logger(__name__).info("token_refused", endpoint=name, error=error.error, detail=error.detail)
        if error.error == UNPROVED:
            rate_limits.count_unproved()
        response = refused(error)
    except UnavailableError as error:
        structlog.get_logger(__name__).warning("token_unavailable", endpoint=name, kind=type(error).__name__)
        response = unavailable(error)
    return dpop.with_nonce(uncached(response))


def uncached(response: Response) -> Response:
    """Kept by nobody on the way (RFC 6749 section 5.1)."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def refused(error: ProtocolError) -> Response:
    """400, or 401 for a caller that is not proved, at every endpoint alike.

    RFC 6749 section 5.2 leaves the choice at the token endpoint, and wherever that section is followed; after a try by
    the `Authorization` header it must be 401. RFC 7662 section 2.3 wants 401 at introspection.
    """
    unproved = error.error == UNPROVED
    status = HTTPStatus.UNAUTHORIZED if unproved else HTTPStatus.BAD_REQUEST
    more = {"acr_values": error.acr_values} if error.acr_values else {}
    response = _error(status, error.error, error.description, **more)
    if unproved:
        # RFC 9110 section 15.5.2 wants a challenge, and RFC 6749 one of the scheme that was tried. There is no scheme
        # by the name of private_key_jwt.
        tried_basic = request.headers.get("Authorization", "").lower().startswith("basic")
        response.headers["WWW-Authenticate"] = 'Basic realm="vad"' if tried_basic else 'Bearer error="invalid_client"'
    return response


def unavailable(error: UnavailableError) -> Response:
    """503: trying again later may help."""
    response = _error(HTTPStatus.SERVICE_UNAVAILABLE, "temporarily_unavailable", _again(error))
    response.headers["Retry-After"] = "5"
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


def _error(status: int, error: str, description: str, **more: str) -> Response:
    response = jsonify(error=error, error_description=description, **more)
    response.status_code = status
    return response
