"""The token endpoint: an authorization code becomes an encrypted ID token, once (OpenID Connect Core 3.1.3)."""

import secrets
from collections.abc import Callable
from typing import Any

from werkzeug.datastructures import MultiDict

from vad.sandbox.digid.config import Config
from vad.sandbox.digid.tokens import ID_TOKEN_SECONDS, Login, TokenMaker
from vad.sandbox.openid.client_keys import KeysUnavailableError
from vad.sandbox.openid.codes import Client, Codes, TokenError


class TokenEndpoint:
    """Issues codes for logins, and tokens for codes."""

    def __init__(self, config: Config, now: Callable[[], float]) -> None:
        self._now = now
        self._codes: Codes[Login] = Codes(config.issuer, Client(config.client_id, config.jwks_uri), now)
        self._maker = TokenMaker(config.issuer, config.client_id, config.private_key())

    def forget_client_keys(self) -> None:
        """Let five minutes have passed since the client's keys were fetched."""
        self._codes.client_keys.forget()

    def issue_code(self, login: Login) -> str | None:
        """Return a code for one use within 60 seconds; None when too many are outstanding."""
        return self._codes.issue(login)

    def redeem(self, form: MultiDict[str, str], nonsense: Callable[[], str]) -> dict[str, Any]:
        """Return the token response for a form. `nonsense` says what to get wrong, if anything. Raises `TokenError`."""
        login = self._codes.redeem(form)
        try:
            recipient = self._codes.client_keys.encryption_key()
        except KeysUnavailableError:
            raise TokenError("temporarily_unavailable", "the client's keys cannot be fetched", 503) from None
        if recipient is None:
            raise TokenError("invalid_client", "the client has no encryption key", 401)
        return {
            "access_token": secrets.token_urlsafe(32),
            "token_type": "Bearer",
            "expires_in": ID_TOKEN_SECONDS,
            "id_token": self._maker.id_token(login, recipient, int(self._now()), nonsense()),
        }
