"""Who asks about tokens or gives them back: a client or a data source, proved."""

from flask import request

from vad.domain.client import Client, ResourceServer
from vad.domain.errors import ProtocolError
from vad.services.ports.volatile import RateLimit
from vad.web.oidc import parameters
from vad.web.oidc.client_authentication import proved
from vad.web.support import rate_limits


def client_or_source() -> Client | ResourceServer:
    """The caller. Raises `ProtocolError` `invalid_client`, and a 429 for one that asks too often."""
    caller = proved(parameters.with_value(request.form), request.headers.get("Authorization"))
    if caller is None:
        raise ProtocolError("invalid_client", "the caller is not proved")
    if isinstance(caller, Client):
        rate_limits.per_subject(RateLimit.TOKEN, caller.client_id)
    else:
        rate_limits.per_subject(RateLimit.INTROSPECTION, caller.identifier)
    return caller


def client() -> Client:
    """The caller, who must be a client. Raises `ProtocolError`."""
    caller = client_or_source()
    if not isinstance(caller, Client):
        raise ProtocolError("unauthorized_client", "only the client that got a token can give it back")
    return caller
