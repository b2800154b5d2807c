"""The authorization code grant (RFC 6749 section 4.1, RFC 7636, OIDC Core section 3.1)."""

import re
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant as AuthlibCodeGrant

from vad.services.tokens import CodeRedemption
from vad.web.oidc import parameters
from vad.web.oidc.client_authentication import METHOD
from vad.web.oidc.grants.response import authenticated, token_response
from vad.web.support.services import now, services

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""What S256 makes of any verifier: 32 bytes in base64url."""


class AuthorizationCodeGrant(AuthlibCodeGrant):  # type: ignore[misc]
    """Authlib checks the authorization request; redeeming is one call of `Tokens.redeem`."""

    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)

    def validate_token_request(self) -> None:
        """Authenticate the client and read what it sent."""
        with authenticated(self):
            form = self.request.form
            self.redemption = CodeRedemption(
                code=parameters.required(form, "code"),
                redirect_uri=parameters.required(form, "redirect_uri"),
                code_verifier=parameters.required(form, "code_verifier"),
                resources=parameters.resources(form),
            )

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        """Redeem the code."""
        response = services().tokens.redeem(self.request.client.client, self.redemption, now())
        return token_response(response)


class S256Required:
    """PKCE with S256 on every request (RFC 7636). Authlib's own extension takes `plain` too."""

    def __call__(self, grant: AuthorizationCodeGrant) -> None:
        """Hook into the check of the authorization request."""
        grant.register_hook("after_validate_authorization_request_payload", self.validate)

    def validate(self, grant: AuthorizationCodeGrant, _redirect_uri: str) -> None:
        """Raise unless there is a challenge that S256 can have made."""
        data: Any = grant.request.payload.data
        if data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge_method must be S256")
        if _CHALLENGE.fullmatch(data.get("code_challenge") or "") is None:
            raise InvalidRequestError("code_challenge is missing or malformed")


class OpenIdRequired:
    """`openid`, `state` and `nonce` on every request (NL GOV Assurance profile for OpenID Connect)."""

    def __call__(self, grant: AuthorizationCodeGrant) -> None:
        """Hook into the check of the authorization request."""
        grant.register_hook("after_validate_authorization_request_payload", self.validate)

    def validate(self, grant: AuthorizationCodeGrant, _redirect_uri: str) -> None:
        """Raise unless all three are there."""
        data: Any = grant.request.payload.data
        if "openid" not in (data.get("scope") or "").split():
            raise InvalidScopeError("scope must hold openid")
        for name in ("state", "nonce"):
            if not data.get(name):
                raise InvalidRequestError(f"{name} is required")
