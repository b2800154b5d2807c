"""Registration of apps by themselves: the client registration endpoint (RFC 7591) and the one per app (RFC 7592)."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, abort, jsonify, request

from vad.domain import strict_json
from vad.domain.errors import ProtocolError, UnavailableError
from vad.services.client_registration import ClientRegistration, RegisteredClientAnswer
from vad.services.ports.volatile import RateLimit
from vad.web.oidc import form_endpoint
from vad.web.support import rate_limits
from vad.web.support.services import now, services

blueprint = Blueprint("registration", __name__)

_UNPROVED = "invalid_token"


@blueprint.post("/register")
def register() -> Response:
    """Add an app, for who holds a token of the operator."""

    def answer() -> Response:
        made = _use_case().register(_token(), _metadata(), now())
        return _told(made, HTTPStatus.CREATED)

    return _answered(answer)


@blueprint.get("/register/<any_path:client_id>", merge_slashes=False)
def read(client_id: str) -> Response:
    """Tell an app what is registered of it."""
    return _answered(lambda: _told(_use_case().read(client_id, _token())))


@blueprint.put("/register/<any_path:client_id>", merge_slashes=False)
def change(client_id: str) -> Response:
    """Replace what is registered of an app."""
    return _answered(lambda: _told(_use_case().change(client_id, _token(), _metadata(), now())))


@blueprint.delete("/register/<any_path:client_id>", merge_slashes=False)
def end(client_id: str) -> Response:
    """Serve an app no more."""

    def answer() -> Response:
        _use_case().end(client_id, _token(), now())
        return Response(status=HTTPStatus.NO_CONTENT)

    return _answered(answer)


def _answered(view: Callable[[], Response]) -> Response:
    """The view's answer, never cached; refusals as RFC 7591 section 3.2.2 and RFC 6750 section 3.1 have them."""
    rate_limits.refuse_unproved()
    try:
        response = view()
    except ProtocolError as error:
        structlog.get_logger(__name__).info("registration_refused", error=error.error, detail=error.detail)
        response = _refused(error)
    except UnavailableError as error:
        structlog.get_logger(__name__).warning("token_unavailable", endpoint="registration", kind=type(error).__name__)
        response = form_endpoint.unavailable(error)
    return form_endpoint.uncached(response)


def _use_case() -> ClientRegistration:
    found = services().registration
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _token() -> str:
    """The bearer token, from the header alone. Raises `ProtocolError` `invalid_token`.

    Each may have VAD look at addresses, so many times a minute. By its hash: it stands nowhere in clear.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ProtocolError(_UNPROVED, "a token is needed")
    rate_limits.per_subject(RateLimit.REGISTRATION, sha256(token.encode()).hexdigest())
    return token


def _metadata() -> Mapping[str, object]:
    if request.mimetype != "application/json":
        raise ProtocolError("invalid_client_metadata", "the content type must be application/json")
    try:
        value = strict_json.parse(request.get_data())
    except ValueError:
        raise ProtocolError("invalid_client_metadata", "the body must be JSON") from None
    if not isinstance(value, dict):
        raise ProtocolError("invalid_client_metadata", "the body must be a JSON object")
    return value


def _told(made: RegisteredClientAnswer, status: HTTPStatus = HTTPStatus.OK) -> Response:
    # 0: it does not expire.
    secret = {"client_secret": made.secret, "client_secret_expires_at": 0} if made.secret else {}
    response = jsonify(
        client_id=made.client.client_id,
        client_id_issued_at=int(made.registered_at.timestamp()),
        registration_access_token=made.management,
        registration_client_uri=f"{services().issuer}/register/{made.client.client_id}",
        **secret,
        **made.metadata,
    )
    response.status_code = status
    return response


def _refused(error: ProtocolError) -> Response:
    unproved = error.error == _UNPROVED
    if unproved:
        rate_limits.count_unproved()
    response = jsonify(error=error.error, error_description=error.description)
    response.status_code = HTTPStatus.UNAUTHORIZED if unproved else HTTPStatus.BAD_REQUEST
    if unproved:
        response.headers["WWW-Authenticate"] = f'Bearer error="{_UNPROVED}"'
    return response
