"""The introspection endpoint (RFC 7662), which signs its answers for whoever wants that (RFC 9701)."""

from flask import Blueprint, Response, jsonify, request

from vad.web.oidc import caller, form_endpoint, parameters
from vad.web.support.services import now, services

blueprint = Blueprint("introspection", __name__)

_JSON, _JWT = "application/json", "application/token-introspection+jwt"


@blueprint.post("/introspect")
def introspect() -> Response:
    """Tell a source, or a client, whether a token of theirs holds now."""
    return form_endpoint.answered("introspection", _answer)


def _answer() -> Response:
    asking = caller.client_or_source()
    token = parameters.required(request.form, "token")
    answer = services().introspection.introspect(asking, token, now())
    services().metrics.introspection(answer["active"] is True)
    if request.accept_mimetypes.best_match([_JSON, _JWT], _JSON) == _JSON:
        return jsonify(answer)
    return Response(services().introspection_answers.sign(asking, answer, now()), mimetype=_JWT)
