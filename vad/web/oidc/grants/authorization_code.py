"""The authorization code grant (RFC 6749 section 4.1, RFC 7636, OIDC Core section 3.1)."""

import re
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant as AuthlibCodeGrant

from vad.domain.profile import Demand
from vad.services.denials import Refusal, refusal
from vad.services.tokens import CodeRedemption
from vad.web.oidc import details, parameters
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
            target = details.target(form)
            self.redemption = CodeRedemption(
                code=parameters.required(form, "code"),
                redirect_uri=parameters.required(form, "redirect_uri"),
                code_verifier=self._code_verifier(),
                resources=target.resources,
                basis=target.basis,
                held=self.held,
            )

    def _code_verifier(self) -> str:
        """What was sent. None at all fits no challenge, as another does not (RFC 7636 section 4.6): `invalid_grant`."""
        form, rules = self.request.form, self.request.client.client.rules
        verifier: str = form.get("code_verifier", "")
        if not verifier and rules.code_challenge is Demand.REQUIRED:
            raise refusal(Refusal.VERIFIER_MALFORMED)
        return verifier

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        """Redeem the code."""
        response = services().tokens.redeem(self.request.client.client, self.redemption, now())
        return token_response(response)


class CodeChallenge:
    """PKCE with S256 (RFC 7636), where the client's profile demands it or the client brings it.

    Authlib's own extension takes `plain` too.
    """

    def __call__(self, grant: AuthorizationCodeGrant) -> None:
        """Hook into the check of the authorization request."""
        grant.register_hook("after_validate_authorization_request_payload", self.validate)

    def validate(self, grant: AuthorizationCodeGrant, _redirect_uri: str) -> None:
        """Raise unless there is a challenge that S256 can have made, or need be none."""
        data: Any = grant.request.payload.data
        brought = "code_challenge" in data or "code_challenge_method" in data
        if not brought and grant.request.client.client.rules.code_challenge is Demand.OPTIONAL:
            return
        if data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("code_challenge_method must be S256")
        if _CHALLENGE.fullmatch(data.get("code_challenge") or "") is None:
            raise InvalidRequestError("code_challenge is missing or malformed")


class RequiredParameters:
    """`openid` as a scope, `state` and `nonce`, as far as the client's profile demands them."""

    def __call__(self, grant: AuthorizationCodeGrant) -> None:
        """Hook into the check of the authorization request."""
        grant.register_hook("after_validate_authorization_request_payload", self.validate)

    def validate(self, grant: AuthorizationCodeGrant, _redirect_uri: str) -> None:
        """Raise unless all that is demanded is there."""
        data: Any = grant.request.payload.data
        rules = grant.request.client.client.rules
        scope = (data.get("scope") or "").split()
        if not scope and rules.openid is not Demand.REQUIRED:
            raise InvalidScopeError("scope is required")
        if rules.openid is Demand.REQUIRED and "openid" not in scope:
            raise InvalidScopeError("scope must hold openid")
        for name, demand in (("state", rules.state), ("nonce", rules.nonce)):
            if demand is Demand.REQUIRED and not data.get(name):
                raise InvalidRequestError(f"{name} is required")
