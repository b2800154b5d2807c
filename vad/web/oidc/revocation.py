"""The revocation endpoint (RFC 7009)."""

from flask import Blueprint, Response, request

from vad.web.oidc import caller, form_endpoint, parameters
from vad.web.support.services import now, services

blueprint = Blueprint("revocation", __name__)


@blueprint.post("/revoke")
def revoke() -> Response:
    """Take a token back from its client. An unknown one is answered in the same way (RFC 7009 section 2.2)."""
    return form_endpoint.answered("revocation", _answer)


def _answer() -> Response:
    giving_back = caller.client()
    services().revocation.give_back(giving_back, parameters.required(request.form, "token"), now())
    return Response(status=200)
