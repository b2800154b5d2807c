"""The refresh token grant (RFC 6749 section 6)."""

from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from vad.services.tokens import RefreshRequest
from vad.web.oidc import details, parameters
from vad.web.oidc.client_authentication import METHOD
from vad.web.oidc.grants.response import authenticated, token_response
from vad.web.support.services import now, services


class RefreshTokenGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """Refreshing is one call of `Tokens.refresh`."""

    GRANT_TYPE = "refresh_token"
    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)

    def validate_token_request(self) -> None:
        """Authenticate the client and read what it sent."""
        with authenticated(self):
            form = self.request.form
            target = details.target(form)
            self.refresh = RefreshRequest(
                refresh_token=parameters.required(form, "refresh_token"),
                resources=target.resources,
                basis=target.basis,
                held=self.held,
                scope=form.get("scope"),
            )

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        """Rotate the refresh token."""
        return token_response(services().tokens.refresh(self.request.client.client, self.refresh, now()))
