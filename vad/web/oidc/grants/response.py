"""What all grant types share: the authenticated client, and the form of the answer."""

from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import BaseGrant

from vad.services.ports.volatile import RateLimit
from vad.services.tokens import TokenResponse
from vad.web.oidc.registered_client import RegisteredClient
from vad.web.support import rate_limits


def authenticated_client(grant: BaseGrant) -> RegisteredClient:
    """The client that this request proves to be, registered for this grant type; raises Authlib's errors."""
    client: RegisteredClient = grant.authenticate_token_endpoint_client()
    rate_limits.per_subject(RateLimit.TOKEN, client.client.client_id)
    if not client.check_grant_type(grant.GRANT_TYPE):
        raise UnauthorizedClientError("the client is not registered for this grant_type")
    return client


def token_response(response: TokenResponse, **extra: object) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
    """The answer as Authlib wants it: status, body, headers (RFC 6749 section 5.1)."""
    body: dict[str, object] = {
        "access_token": response.access_token,
        "token_type": "Bearer",
        "expires_in": response.expires_in,
        "scope": response.scope,
        **extra,
    }
    if response.id_token is not None:
        body["id_token"] = response.id_token
    if response.refresh_token is not None:
        body["refresh_token"] = response.refresh_token
    return 200, body, BaseGrant.TOKEN_RESPONSE_HEADER
