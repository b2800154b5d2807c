"""The pushed authorization request endpoint (RFC 9126)."""

from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request

from vad.domain.authorization import AuthorizationRequest
from vad.domain.dpop import DpopProofError
from vad.domain.errors import ProtocolError
from vad.domain.profile import Demand
from vad.web.oidc import authorization_request, caller, form_endpoint, parameters, request_object
from vad.web.support import dpop
from vad.web.support.services import now, services

blueprint = Blueprint("par", __name__)


@blueprint.post("/par")
def par() -> Response:
    """Check an authorization request and keep it, for a browser that comes with its name."""
    return form_endpoint.answered("par", _answer)


def _answer() -> Response:
    dpop.ask_for_nonce()
    client = caller.client()
    if client.rules.pushed_request is Demand.REFUSED:
        raise ProtocolError("unauthorized_client", "clients of this profile do not push their requests")
    # RFC 9126 section 3: beside a signed request stands what proves the client, and its name only if that needs it.
    signed = request.form.get("request") and not request.form.get("client_id")
    if not signed and parameters.required(request.form, "client_id") != client.client_id:
        raise ProtocolError("invalid_request", "client_id is another client's")
    if "request_uri" in request.form:
        # RFC 9126 section 2.1: a name for a request is what comes out here.
        raise ProtocolError("invalid_request", "request_uri has no place in a pushed request")
    sent = request_object.opened(request.form, client)
    if not client.accepts_redirect_uri(parameters.required(sent, "redirect_uri")):
        raise ProtocolError("invalid_request", "redirect_uri is not registered")
    frozen = authorization_request.read(sent, client, "", now())
    checked = services().authorize.check(frozen, sent.get("id_token_hint"))
    pushed = services().pushed.push(_bound(checked))
    response = jsonify(request_uri=pushed.request_uri, expires_in=pushed.expires_in)
    response.status_code = HTTPStatus.CREATED
    return response


def _bound(asked: AuthorizationRequest) -> AuthorizationRequest:
    """The code bound to the key that this request proves, as if `dpop_jkt` had said so (RFC 9449 section 10.1)."""
    jkt = dpop.proved()
    if jkt and asked.dpop_jkt and jkt != asked.dpop_jkt:
        raise DpopProofError
    return replace(asked, dpop_jkt=jkt or asked.dpop_jkt)
