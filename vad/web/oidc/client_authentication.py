"""Client authentication at the token endpoint: `private_key_jwt` (OIDC Core section 9, RFC 7523)."""

from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError

from vad.services.ports.tokens import ASSERTION_TYPE
from vad.web.oidc.registered_client import RegisteredClient
from vad.web.support.services import now, services

METHOD = "private_key_jwt"


def authenticate(query_client: Callable[[str], RegisteredClient | None], request: Any) -> RegisteredClient | None:
    """The client that this request proves to be, or None. The proof itself is checked in `vad.adapters.jose`."""
    form = request.form
    assertion = form.get("client_assertion")
    if request.headers.get("Authorization"):
        # Whoever tries it by this header hears so in the header's own way (RFC 6749 section 5.2).
        raise InvalidClientError(status_code=401, description="the client must authenticate by private_key_jwt")
    if form.get("client_assertion_type") != ASSERTION_TYPE or not assertion or "client_secret" in form:
        # RFC 6749 section 2.3: one method of authentication per request.
        return None
    client_id = form.get("client_id") or services().client_assertions.claimed_client_id(assertion)
    registered = query_client(client_id) if client_id else None
    if registered is None or not registered.client.active:
        return None
    return registered if services().client_assertions.verify(registered.client, assertion, now()) else None
