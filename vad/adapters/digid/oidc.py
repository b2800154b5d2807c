"""The port `IdentityProvider` over OpenID Connect: code flow, PKCE, `private_key_jwt`, encrypted ID token."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from vad.adapters.digid.id_token import IdTokenCheck, refused, same
from vad.adapters.digid.provider import Provider
from vad.adapters.http.caller import Answer, HttpCaller
from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.nested import SIGNATURES, open_nested
from vad.adapters.jose.own_assertion import make_client_assertion
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.domain.errors import LoginFailedError, LoginFailure, RegisterUnavailableError
from vad.services.ports.outside import ActingIdentity, Identity
from vad.services.ports.tokens import ASSERTION_TYPE, Randomness
from vad.services.ports.volatile import PendingLogin

_OK = 200
_TOKEN_STATUSES = frozenset({_OK, 400, 401})
"""RFC 6749 section 5: a token, or an error about this one request."""
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
_CODE = re.compile(r"[\x20-\x7e]{1,2048}")


@dataclass(frozen=True, slots=True)
class Registration:
    """How VAD is registered with the provider."""

    issuer: str
    client_id: str
    redirect_uri: str
    algorithms: Sequence[str] = SIGNATURES
    """The signatures that an ID token may have."""


class OidcIdentityProvider:
    """`vad.services.ports.outside.IdentityProvider`.

    Of `rings`, the active signing key proves who we are; every encryption key opens ID tokens, for the provider may
    hold on to one that was retired, or be ahead of this process.
    """

    def __init__(
        self,
        registration: Registration,
        rings: Rings,
        caller: HttpCaller,
        random: Randomness,
    ) -> None:
        self._registration = registration
        self._rings = rings
        # Fail at the start, not at the first login.
        rings.current.active(Purpose.DIGID_SIGNING)
        rings.current.active(Purpose.DIGID_ENCRYPTION)
        self._caller = caller
        self._random = random
        self._provider = Provider(registration.issuer, caller)
        self._check = IdTokenCheck(registration.issuer, registration.client_id)

    def begin(self, login: PendingLogin) -> str:
        return str(
            prepare_grant_uri(
                self._provider.metadata.get().authorization_endpoint,
                client_id=self._registration.client_id,
                response_type="code",
                redirect_uri=self._registration.redirect_uri,
                scope="openid",
                state=login.state,
                nonce=login.nonce,
                code_challenge=create_s256_code_challenge(login.code_verifier),
                code_challenge_method="S256",
                acr_values=login.minimum.uri,
                ui_locales=login.language,
                # A login that DigiD remembers would be refused afterwards: ask for a fresh one at once.
                prompt="login",
            )
        )

    def complete(self, login: PendingLogin, response: Mapping[str, str], at: datetime) -> Identity | ActingIdentity:
        token = self._id_token(self._code(login, response), login, at)
        try:
            claims = self._claims(token)
        except TokenRefusedError as error:
            raise refused(error.reason) from None
        return self._check.identity(claims, login, at)

    def _code(self, login: PendingLogin, response: Mapping[str, str]) -> str:
        """The authorization code in the answer that the browser brought (RFC 6749 section 4.1.2, RFC 9207)."""
        if not same(response.get("state", ""), login.state):
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

    def _id_token(self, code: str, login: PendingLogin, at: datetime) -> str:
        """Redeem the code (RFC 6749 section 4.1.3, OIDC Core 3.1.3)."""
        endpoint = self._provider.metadata.get().token_endpoint
        client_id = self._registration.client_id
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._registration.redirect_uri,
            "code_verifier": login.code_verifier,
            "client_id": client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": make_client_assertion(
                self._rings.current.active(Purpose.DIGID_SIGNING), client_id, endpoint, at, self._random.token()
            ),
        }
        try:
            answer = self._caller.post_form(endpoint, form, statuses=_TOKEN_STATUSES)
        except RegisterUnavailableError:
            # Perhaps it has moved. The code may be spent, so nothing is tried again for this person.
            self._provider.metadata.doubt()
            raise
        return _id_token_in(answer)

    def _claims(self, token: str) -> Mapping[str, object]:
        """Decrypt and verify, with the keys we know or, when none of them fits, with newer ones."""
        keys, ours = self._provider.keys.get(), self._rings.current.all(Purpose.DIGID_ENCRYPTION)
        try:
            return open_nested(token, ours, keys, self._registration.algorithms)
        except TokenRefusedError as error:
            newer = self._provider.keys.newer_than(keys) if error.reason is Refusal.UNKNOWN_KEY else None
            if newer is None:
                raise
        return open_nested(token, ours, newer, self._registration.algorithms)


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
