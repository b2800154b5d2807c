"""Where the ministry's manager of clients says that its list changed. VAD then reads it where it knows it is."""

import hmac
from http import HTTPStatus

from flask import Blueprint, Response, abort, jsonify, make_response, request

from vad.services.ports.volatile import RateLimit
from vad.web.support import rate_limits
from vad.web.support.services import now, services

blueprint = Blueprint("clients_updated", __name__)


@blueprint.post("/api/v1/clients-updated")
def clients_updated() -> Response:
    """202: the list is read soon. Whatever else is sent counts for nothing."""
    door = services().client_list
    if door is None:
        abort(HTTPStatus.NOT_FOUND)
    token = door.token
    shown = request.headers.get("Authorization", "").encode()
    if token and not hmac.compare_digest(shown, b"Bearer " + token.encode()):
        response = _told("Unauthorized", HTTPStatus.UNAUTHORIZED)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    if not services().rate_limits.take(RateLimit.CLIENTS_UPDATED, rate_limits.address()):
        response = _told("Too many requests", HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = "30"
        return response
    door.announced(now())
    return make_response("", HTTPStatus.ACCEPTED)


def _told(detail: str, status: HTTPStatus) -> Response:
    response = jsonify(detail=detail)
    response.status_code = status
    return response
