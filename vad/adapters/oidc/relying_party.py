"""The code flow as a client: PKCE, `private_key_jwt`, an answer that must name its issuer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from vad.adapters.http.caller import Answer, HttpCaller
from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.own_assertion import make_client_assertion
from vad.adapters.oidc.id_token import refused, same
from vad.adapters.oidc.provider import Jwks, Provider
from vad.adapters.vault.keys import Key
from vad.domain.errors import LoginFailedError, LoginFailure, RegisterUnavailableError
from vad.services.ports.tokens import ASSERTION_TYPE, Randomness

Opened = Callable[[str, Jwks], Mapping[str, object]]
"""Opens an ID token with these keys of the provider. Raises `TokenRefusedError`."""
_OK = 200
_TOKEN_STATUSES = frozenset({_OK, 400, 401})
"""RFC 6749 section 5: a token, or an error about this one request."""
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_CODE = re.compile(r"[\x20-\x7e]{1,2048}")


class Visit(Protocol):
    """One visit of a browser to the provider, as far as the protocol knows it."""

    @property
    def state(self) -> str: ...
    @property
    def nonce(self) -> str: ...
    @property
    def code_verifier(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Registration:
    """How VAD is registered with the provider."""

    issuer: str
    client_id: str
    redirect_uri: str


class RelyingParty:
    """One registration with one provider. `signing` gives the key that proves who we are, at each login anew."""

    def __init__(
        self, registration: Registration, signing: Callable[[], Key], caller: HttpCaller, random: Randomness
    ) -> None:
        self._registration = registration
        self._signing = signing
        self._caller = caller
        self._random = random
        self._provider = Provider(registration.issuer, caller)

    def address(self, visit: Visit, **more: str) -> str:
        """Where to send the browser; `more` are parameters of this provider's own."""
        return str(
            prepare_grant_uri(
                self._provider.metadata.get().authorization_endpoint,
                client_id=self._registration.client_id,
                response_type="code",
                redirect_uri=self._registration.redirect_uri,
                scope="openid",
                state=visit.state,
                nonce=visit.nonce,
                code_challenge=create_s256_code_challenge(visit.code_verifier),
                code_challenge_method="S256",
                # A login that the provider remembers would be refused afterwards: ask for a fresh one at once.
                prompt="login",
                **more,
            )
        )

    def claims(self, visit: Visit, response: Mapping[str, str], at: datetime, opened: Opened) -> Mapping[str, object]:
        """The claims of the ID token behind the answer that the browser brought; only its signature is checked.

        Raises `LoginFailedError`, `RegisterUnavailableError`.
        """
        token = self._id_token(self._code(visit, response), visit, at)
        try:
            return self._opened(token, opened)
        except TokenRefusedError as error:
            raise refused(error.reason) from None

    def _code(self, visit: Visit, response: Mapping[str, str]) -> str:
        """The authorization code (RFC 6749 section 4.1.2, RFC 9207)."""
        if not same(response.get("state", ""), visit.state):
            raise _failed("answer: state")
        # Before anything else in it is believed: another provider's answer is none of ours.
        unnamed = "" if self._provider.metadata.get().names_itself else self._registration.issuer
        if response.get("iss", unnamed) != self._registration.issuer:
            raise _failed("answer: iss")
        error = response.get("error")
        if error == "access_denied":
            raise LoginFailedError(LoginFailure.CANCELLED, "answer: access_denied")
        if error is not None:
            raise _failed(f"answer: {_named(error)}")
        code = response.get("code", "")
        if not _CODE.fullmatch(code):
            raise _failed("answer: no code")
        return code

    def _id_token(self, code: str, visit: Visit, at: datetime) -> str:
        """Redeem the code (RFC 6749 section 4.1.3, OIDC Core 3.1.3)."""
        endpoint = self._provider.metadata.get().token_endpoint
        client_id = self._registration.client_id
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._registration.redirect_uri,
            "code_verifier": visit.code_verifier,
            "client_id": client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": make_client_assertion(self._signing(), client_id, endpoint, at, self._random.token()),
        }
        try:
            answer = self._caller.post_form(endpoint, form, statuses=_TOKEN_STATUSES)
        except RegisterUnavailableError:
            # Perhaps it has moved. The code may be spent, so nothing is tried again for this person.
            self._provider.metadata.doubt()
            raise
        return _id_token_in(answer)

    def _opened(self, token: str, opened: Opened) -> Mapping[str, object]:
        """Open it with the keys we know or, when none of them fits, with newer ones."""
        keys = self._provider.keys.get()
        try:
            return opened(token, keys)
        except TokenRefusedError as error:
            newer = self._provider.keys.newer_than(keys) if error.reason is Refusal.UNKNOWN_KEY else None
            if newer is None:
                raise
        return opened(token, newer)


def _id_token_in(answer: Answer) -> str:
    content = answer.json if isinstance(answer.json, dict) else {}
    if answer.status != _OK:
        raise _failed(f"token endpoint: {_named(content.get('error'))}")
    token, token_type = content.get("id_token"), content.get("token_type")
    if not isinstance(token, str) or not isinstance(token_type, str) or token_type.lower() != "bearer":
        raise _failed("token endpoint: no ID token")
    return token


def _named(error: object) -> str:
    """An error code as it may stand in a log: what comes from outside could be anything."""
    return error if isinstance(error, str) and _ERROR_CODE.fullmatch(error) else "an unreadable error"


def _failed(detail: str) -> LoginFailedError:
    return LoginFailedError(LoginFailure.FAILED, detail)
