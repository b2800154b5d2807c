"""What all grant types share: the authenticated client, and the form of the answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from authlib.oauth2.rfc6749.grants import BaseGrant

from vad.domain.errors import ProtocolError
from vad.services.issuing import TokenResponse
from vad.services.ports.volatile import RateLimit
from vad.web.oidc.registered_client import RegisteredClient
from vad.web.support import dpop, possession, rate_limits
from vad.web.support.services import now, services


@contextmanager
def authenticated(grant: BaseGrant) -> Iterator[None]:
    """Prove the client, and record what is wrong with the rest of its request inside the block (rule 39).

    Of a client that is registered to prove nothing, that is nobody's yet. Raises Authlib's errors for a client that is
    not proved, and aborts with 429: neither is an event.
    """
    # Before anything is used up: who is only asked for a nonce comes again with the same code and the same assertion.
    dpop.ask_for_nonce()
    registered: RegisteredClient = grant.authenticate_token_endpoint_client()
    if registered.client.proves_itself:
        rate_limits.per_subject(RateLimit.TOKEN, registered.client.client_id)
    else:
        # Anybody can name it, and must not use up what it may ask.
        rate_limits.per_address(RateLimit.NAMED)
    grant.request.client = registered
    grant.held = possession.proved()
    try:
        _check_grant_type(registered, grant.GRANT_TYPE)
        yield
    except ProtocolError as error:
        services().tokens.refuse(registered.client, grant.GRANT_TYPE, error, now())


def _check_grant_type(registered: RegisteredClient, grant_type: str) -> None:
    if not registered.check_grant_type(grant_type):
        raise ProtocolError("unauthorized_client", "the client is not registered for this grant_type")


def token_response(response: TokenResponse, **extra: object) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
    """The answer as Authlib wants it: status, body, headers (RFC 6749 section 5.1)."""
    body: dict[str, object] = {
        "access_token": response.access_token,
        "token_type": response.token_type,
        "expires_in": response.expires_in,
        "scope": response.scope,
        **extra,
    }
    if response.authorization_details:
        body["authorization_details"] = [*response.authorization_details]
    if response.id_token is not None:
        body["id_token"] = response.id_token
    if response.refresh_token is not None:
        body["refresh_token"] = response.refresh_token
    return 200, body, BaseGrant.TOKEN_RESPONSE_HEADER
