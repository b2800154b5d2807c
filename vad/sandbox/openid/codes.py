"""Codes for logins: given once, redeemed once, by the client alone (OpenID Connect Core 3.1.3)."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from werkzeug.datastructures import MultiDict

from vad.sandbox.memory import ShortLived
from vad.sandbox.openid.assertion import ASSERTION_TYPE, AssertionChecker, BadAssertionError
from vad.sandbox.openid.client_keys import ClientKeys, KeysUnavailableError

CODE_SECONDS = 60
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class TokenError(Exception):
    """A token request is refused with an OAuth error (RFC 6749 section 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


class BoundLogin(Protocol):
    """A login that succeeded, bound to the request that it is for."""

    @property
    def redirect_uri(self) -> str:
        """Where its code goes."""

    @property
    def code_challenge(self) -> str:
        """What the verifier must hash to (RFC 7636)."""


Login = TypeVar("Login", bound=BoundLogin)


@dataclass(frozen=True)
class Client:
    """The one relying party of a provider."""

    client_id: str
    jwks_uri: str


class Codes(Generic[Login]):
    """Issues codes for logins, and gives the login back for its code."""

    def __init__(self, issuer: str, client: Client, now: Callable[[], float]) -> None:
        self._client = client
        self.client_keys = ClientKeys(client.jwks_uri, now)
        audiences = frozenset({issuer, f"{issuer}/token"})
        self._assertions = AssertionChecker(client.client_id, audiences, self.client_keys, now)
        self._codes: ShortLived[Login] = ShortLived(now)

    def issue(self, login: Login) -> str | None:
        """Return a code for one use within 60 seconds; None when too many are outstanding."""
        code = secrets.token_urlsafe(32)
        return code if self._codes.add(code, login, seconds=CODE_SECONDS) else None

    def redeem(self, form: MultiDict[str, str]) -> Login:
        """Return the login that a form of the client redeems. Raises `TokenError`."""
        if any(len(form.getlist(name)) > 1 for name in form):
            raise TokenError("invalid_request", "a parameter occurs more than once")
        try:
            self._authenticate(form)
        except KeysUnavailableError:
            raise TokenError("temporarily_unavailable", "the client's keys cannot be fetched", 503) from None
        return self._login(form)

    def _authenticate(self, form: MultiDict[str, str]) -> None:
        if form.get("client_assertion_type") != ASSERTION_TYPE or "client_secret" in form:
            raise TokenError("invalid_client", "authenticate with private_key_jwt", 401)
        if form.get("client_id", self._client.client_id) != self._client.client_id:
            raise TokenError("invalid_client", "unknown client", 401)
        try:
            self._assertions.check(form.get("client_assertion", ""))
        except BadAssertionError as error:
            raise TokenError("invalid_client", str(error), 401) from None

    def _login(self, form: MultiDict[str, str]) -> Login:
        if form.get("grant_type") != "authorization_code":
            raise TokenError("unsupported_grant_type", "grant_type must be authorization_code")
        for name in ("code", "redirect_uri", "code_verifier"):
            if not form.get(name):
                raise TokenError("invalid_request", f"{name} is missing")
        # Taken before it is checked: one try per code, whoever wins (RFC 6749 section 4.1.2).
        login = self._codes.pop(form["code"])
        if login is None:
            raise TokenError("invalid_grant", "the code is unknown, used or expired")
        if form["redirect_uri"] != login.redirect_uri:
            raise TokenError("invalid_grant", "redirect_uri differs from the authorization request")
        if not _matches(form["code_verifier"], login.code_challenge):
            raise TokenError("invalid_grant", "code_verifier does not belong to the code")
        return login


def _matches(verifier: str, challenge: str) -> bool:
    """RFC 7636 section 4.6, method S256."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
