"""The token exchange grant (RFC 8693)."""

from authlib.oauth2.rfc6749.grants import BaseGrant, TokenEndpointMixin

from vad.domain.errors import ProtocolError
from vad.services import token_exchange
from vad.services.token_exchange import ExchangeRequest
from vad.web.oidc import details, parameters
from vad.web.oidc.client_authentication import METHOD
from vad.web.oidc.grants.response import authenticated, token_response
from vad.web.support.services import now, services

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type's name


class TokenExchangeGrant(BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """Exchanging is one call of `TokenExchange.exchange`."""

    GRANT_TYPE = token_exchange.GRANT_TYPE
    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)

    def validate_token_request(self) -> None:
        """Authenticate the client and read what it sent."""
        with authenticated(self):
            form = self.request.form
            if parameters.required(form, "subject_token_type") != ACCESS_TOKEN:
                raise ProtocolError("invalid_request", "subject_token_type must be an access token")
            if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
                raise ProtocolError("invalid_request", "only access tokens are issued")
            if "actor_token" in form or "actor_token_type" in form:
                raise ProtocolError("invalid_request", "who acts follows from the login, never from an actor_token")
            if "audience" in form:
                raise ProtocolError("invalid_target", "name the target by resource")
            target = details.target(form)
            self.exchange = ExchangeRequest(
                subject_token=parameters.required(form, "subject_token"),
                resources=target.resources,
                basis=target.basis,
                held=self.held,
                scope=form.get("scope"),
            )

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        """Exchange the token."""
        response = services().token_exchange.exchange(self.request.client.client, self.exchange, now())
        return token_response(response, issued_token_type=ACCESS_TOKEN)
