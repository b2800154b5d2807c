"""The token endpoint (RFC 6749 section 3.2)."""

from http import HTTPStatus

import structlog
from flask import Blueprint, Response, request

from vad.domain.errors import ProtocolError
from vad.web.oidc import form_endpoint, parameters
from vad.web.oidc.server import server

blueprint = Blueprint("token", __name__)


@blueprint.post("/token")
def token() -> Response:
    """Issue tokens."""
    return form_endpoint.answered("token", _answer)


def _answer() -> Response:
    parameters.required(request.form, "grant_type")
    response: Response = server().create_token_response()
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        # Authlib's own refusals: its class of error is enough, its words may repeat what was sent.
        body = response.get_json(silent=True) or {}
        if body.get("error") == form_endpoint.UNPROVED:
            raise ProtocolError(form_endpoint.UNPROVED, "the client is not proved")
        structlog.get_logger(__name__).info("token_refused", endpoint="token", error=body.get("error"), detail="")
    return response
