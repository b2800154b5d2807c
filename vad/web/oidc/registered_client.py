"""A registered client as Authlib wants to see it."""

from authlib.oauth2.rfc6749 import ClientMixin

from vad.domain.client import Client

METHOD = "registered"
"""To Authlib there is one method: the one that the client is registered for."""


class RegisteredClient(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """Answers Authlib's questions from the registration. What Authlib would fall back to is refused instead."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        """The `client_id`."""
        return self.client.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: a request always names its redirect URI (OIDC Core 3.1.2.1)."""
        return

    def get_allowed_scope(self, scope: str | None) -> str:
        """The scope as asked: which values fit which source is decided in `vad.services.authorize`."""
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether it is registered."""
        return self.client.accepts_redirect_uri(redirect_uri)

    def check_client_secret(self, _client_secret: str) -> bool:
        """Never asked: `vad.web.oidc.client_authentication` looks at secrets."""
        return False

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """It was proved by its own method already."""
        return method == METHOD

    def check_response_type(self, response_type: str) -> bool:
        """The code flow alone, and for clients that may redeem a code."""
        return response_type == "code" and self.check_grant_type("authorization_code")

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it is registered for this grant type."""
        return grant_type in self.client.grant_types
