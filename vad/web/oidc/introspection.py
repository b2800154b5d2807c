"""The introspection endpoint (RFC 7662)."""

from flask import Blueprint, Response, jsonify, request

from vad.web.oidc import caller, form_endpoint, parameters
from vad.web.support.services import now, services

blueprint = Blueprint("introspection", __name__)


@blueprint.post("/introspect")
def introspect() -> Response:
    """Tell a source, or a client, whether a token of theirs holds now."""
    return form_endpoint.answered("introspection", _answer)


def _answer() -> Response:
    asking = caller.client_or_source()
    token = parameters.required(request.form, "token")
    answer = services().introspection.introspect(asking, token, now())
    services().metrics.introspection(answer["active"] is True)
    return jsonify(answer)
