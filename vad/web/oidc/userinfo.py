"""The userinfo endpoint (OIDC Core section 5.3), with a bearer token (RFC 6750)."""

import structlog
from flask import Blueprint, Response, jsonify, request

from vad.domain.dpop import DpopProofError
from vad.domain.errors import ProtocolError, UnavailableError
from vad.domain.possession import NOTHING, Possession
from vad.web.oidc import form_endpoint, parameters
from vad.web.support import client_certificate, dpop, possession
from vad.web.support.services import now, services

blueprint = Blueprint("userinfo", __name__)

_SCHEMES = frozenset({"bearer", "dpop"})


@blueprint.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> Response:
    """Say who logged in, to the app that holds the issuer's own access token."""
    try:
        response = _answer()
    except UnavailableError as error:
        structlog.get_logger(__name__).warning("token_unavailable", endpoint="userinfo", kind=type(error).__name__)
        response = form_endpoint.unavailable(error)
    return dpop.with_nonce(form_endpoint.uncached(response))


def _answer() -> Response:
    try:
        presented = _presented()
    except DpopProofError as error:
        return _challenge(401, error)
    except ProtocolError as error:
        return _challenge(400, error)
    if presented is None:
        # Nothing was tried, so there is no error to tell (RFC 6750 section 3.1).
        return _challenge(401, None)
    try:
        found = services().userinfo.of(*presented, now())
    except ProtocolError as error:
        return _challenge(403, error)
    if found is None:
        return _challenge(401, ProtocolError("invalid_token", "the token is not valid, or not any more"))
    response = Response(found.content, content_type=found.content_type)
    if found.authentication_method:
        response.headers["Authentication-Method"] = found.authentication_method
    return response


def _presented() -> tuple[str, Possession] | None:
    """The token, from the header or the form, one way at a time (RFC 6750 section 2), and what is proved to be held.

    The scheme `DPoP` comes with a proof for this very token (RFC 9449 section 7.1). Raises `DpopProofError`, and
    `ProtocolError` `invalid_request`. The third way, in the query, is refused: it would end in logs.
    """
    if "access_token" in request.args:
        raise ProtocolError("invalid_request", "a token does not belong in an address")
    parameters.check(request.form)
    header, sent = request.headers.get("Authorization"), request.form.get("access_token")
    if header is not None and sent is not None:
        raise ProtocolError("invalid_request", "the token came in two ways")
    if header is None:
        return None if sent is None else (sent, client_certificate.held())
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in _SCHEMES:
        return None  # no authentication of a kind that is known here: RFC 6750 section 3.1
    if not token or len(token) > parameters.LONGEST_TOKEN:
        raise ProtocolError("invalid_request", "the Authorization header holds no access token")
    if scheme.lower() == "bearer":
        return token, client_certificate.held()
    if not services().userinfo.knows(token, now()):
        # Anybody can make proofs, and each good one is remembered for a while. Without its token it proves nothing.
        return token, NOTHING
    held = possession.proved(token)
    if not held.jkt:
        raise DpopProofError
    return token, held


def _challenge(status: int, error: ProtocolError | None) -> Response:
    response = jsonify(error=error.error, error_description=error.description) if error else jsonify()
    response.status_code = status
    told = f' error="{error.error}", error_description="{error.description}"' if error else ' realm="vad"'
    algorithms = " ".join(services().profiles.dpop_algorithms)
    tried = request.headers.get("Authorization", "").lower().startswith("dpop")
    response.headers.add("WWW-Authenticate", f"Bearer{'' if tried and error else told}")
    if algorithms:
        response.headers.add("WWW-Authenticate", f'DPoP algs="{algorithms}"{"," + told if tried and error else ""}')
    return response
