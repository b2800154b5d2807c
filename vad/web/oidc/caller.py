"""Who asks about tokens or gives them back: a client or a data source, proved by `private_key_jwt` (RFC 7523)."""

from flask import request

from vad.domain.client import Client, ResourceServer
from vad.domain.errors import ProtocolError
from vad.services.ports.tokens import ASSERTION_TYPE
from vad.services.ports.volatile import RateLimit
from vad.web.oidc import parameters
from vad.web.support import rate_limits
from vad.web.support.services import now, services


def client_or_source() -> Client | ResourceServer:
    """The caller. Raises `ProtocolError` `invalid_client`, and a 429 for one that asks too often."""
    form = parameters.with_value(request.form)
    assertion = form.get("client_assertion")
    one_method = "client_secret" not in form and not request.headers.get("Authorization")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not assertion or not one_method:
        raise _unproved()
    named = form.get("client_id") or services().client_assertions.claimed_client_id(assertion)
    known = services().registrations
    caller = (known.client(named) or known.resource_server(named)) if named else None
    if caller is None or not caller.active or not services().client_assertions.verify(caller, assertion, now()):
        raise _unproved()
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


def _unproved() -> ProtocolError:
    return ProtocolError("invalid_client", "the caller must authenticate by private_key_jwt")
