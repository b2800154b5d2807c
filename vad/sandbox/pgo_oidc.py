"""The demo PGO's side of OpenID Connect and OAuth 2.0, with Authlib's own client: an example for PGO developers.

Authorization code with PKCE (S256), state, nonce and private_key_jwt; the issuer in the answer (RFC 9207); the ID token
checked in full; then one access token per data source, by token exchange (RFC 8693) or by refresh with `resource`
(RFC 8707).
"""

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT, private_key_jwt_sign
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from vad.sandbox.fetching import TIMEOUT
from vad.sandbox.issuer import Issuer, IssuerUnavailableError
from vad.sandbox.outgoing import Certificate, prepared

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name, not a token
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - the same
SIGNATURES = ["ES256", "RS256", "PS256"]
LEEWAY = 60
Tokens = dict[str, Any]
Recorder = Callable[[requests.Response], None]


class OidcError(Exception):
    """Logging in or getting a token did not work.

    `code` is an OAuth error code, or a word of our own: `state`, `invalid_response` (not what the protocol allows) or
    `unavailable` (VAD gave no answer).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Attempt:
    """What must be remembered between leaving for VAD and coming back, bound to the browser by its session."""

    state: str
    nonce: str
    code_verifier: str


class RelyingParty:
    """One client of VAD. Safe to share among threads: every call has an HTTP session of its own."""

    def __init__(
        self,
        issuer: Issuer,
        client_id: str,
        redirect_uri: str,
        signing_key: Key,
        certificate: Certificate | None = None,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._redirect_uri = redirect_uri
        self._key = signing_key
        self.certificate = certificate
        """What it proves itself with instead of its key (RFC 8705), if anything."""

    def begin(self, scopes: Sequence[str], resources: Sequence[str], language: str, **more: str) -> tuple[str, Attempt]:
        """The address to send the browser to, with `more` in it, and what to remember. Raises OidcError."""
        attempt = Attempt(*(secrets.token_urlsafe(48) for _ in range(3)))
        with self._session(scope=" ".join(("openid", *scopes))) as session:
            address, _ = session.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=attempt.state,
                code_verifier=attempt.code_verifier,
                nonce=attempt.nonce,
                resource=list(resources),  # one parameter per data source (RFC 8707, section 2)
                ui_locales=language,
                **more,
            )
        return str(address), attempt

    def finish(
        self, attempt: Attempt | None, answer: Mapping[str, str], record: Recorder
    ) -> tuple[Tokens, dict[str, Any]]:
        """The tokens and the ID token's claims for the answer that VAD sent along. Raises OidcError.

        State and issuer are compared before anything else in the answer is used, its error code included.
        """
        if attempt is None or not _same(answer.get("state"), attempt.state):
            raise OidcError("state")
        if not _same(answer.get("iss"), self._issuer.url):  # RFC 9207, section 2.4
            raise OidcError("invalid_response")
        if "error" in answer:
            raise OidcError(answer["error"])
        tokens = self._ask(
            record,
            grant_type="authorization_code",
            code=answer.get("code"),
            redirect_uri=self._redirect_uri,
            code_verifier=attempt.code_verifier,
        )
        return tokens, self._id_token_claims(tokens, attempt.nonce)

    def exchange(self, subject_token: str, resource: str, record: Recorder) -> Tokens:
        """A token for one data source in exchange for VAD's own access token (RFC 8693). Raises OidcError."""
        return self._ask(
            record,
            grant_type=TOKEN_EXCHANGE,
            subject_token=subject_token,
            subject_token_type=ACCESS_TOKEN,
            resource=resource,
        )

    def refresh(self, refresh_token: str, resource: str | None, record: Recorder) -> Tokens:
        """A token by refresh: for one data source, or without `resource` for VAD itself. Raises OidcError.

        The refresh token works once; the next one is in the answer.
        """
        more = {} if resource is None else {"resource": resource}
        return self._ask(record, grant_type="refresh_token", refresh_token=refresh_token, **more)

    def userinfo(self, access_token: str, record: Recorder) -> dict[str, Any] | None:
        """What VAD tells about the person (OpenID Connect Core 1.0, section 5.3); None while it does not tell."""
        try:
            endpoint = self._endpoint("userinfo_endpoint")
            with self._session(token={"access_token": access_token, "token_type": "Bearer"}) as session:
                answer = session.get(endpoint, allow_redirects=False)
                record(answer)
                told = answer.json() if answer.status_code == requests.codes.ok else None
        except (OidcError, AuthlibBaseError, requests.RequestException, ValueError):
            return None
        return told if isinstance(told, dict) else None

    def _ask(self, record: Recorder, **form: str | None) -> Tokens:
        endpoint = self._endpoint("token_endpoint")
        with self._session() as session:
            session.hooks["response"].append(lambda response, **_: record(response))
            try:
                tokens = session.fetch_token(endpoint, **form)
            except AuthlibBaseError as error:
                raise OidcError(str(error.error or "invalid_response")) from error
            except requests.RequestException as error:
                raise OidcError("unavailable") from error
            except ValueError as error:
                raise OidcError("invalid_response") from error
        if not isinstance(tokens.get("access_token"), str) or str(tokens.get("token_type")).lower() != "bearer":
            raise OidcError("invalid_response")
        return dict(tokens)

    def _session(self, **options: Any) -> Any:
        session = OAuth2Session(
            client_id=self._client_id,
            client_secret=self._key,
            # With a certificate the connection is the proof, and the form names the app alone (RFC 8705, section 2).
            token_endpoint_auth_method="none" if self.certificate else PrivateKeyJWT.name,
            code_challenge_method="S256",
            redirect_uri=self._redirect_uri,
            default_timeout=TIMEOUT,
            **options,
        )
        session.register_client_auth_method(_ShortAssertion(alg="ES256", headers={"kid": self._key.kid}))
        prepared(session)
        if self.certificate is not None:
            session.cert = (self.certificate.file, self.certificate.key)
        return session

    def _endpoint(self, name: str) -> str:
        try:
            metadata = self._issuer.metadata()
        except IssuerUnavailableError as error:
            raise OidcError("unavailable") from error
        # Certificates may be shown elsewhere (RFC 8705, section 5).
        aliases = metadata.get("mtls_endpoint_aliases", {}) if self.certificate else {}
        endpoint = aliases.get(name, metadata.get(name)) if isinstance(aliases, dict) else None
        if not isinstance(endpoint, str):
            raise OidcError("invalid_response")
        return endpoint

    def _id_token_claims(self, tokens: Tokens, nonce: str) -> dict[str, Any]:
        """The claims of the ID token after every check of OpenID Connect Core 1.0, sections 3.1.3.7 and 3.1.3.8."""
        try:
            decoded = jwt.decode(str(tokens.get("id_token")), self._signing_key, algorithms=SIGNATURES)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self._issuer.url},
                    "aud": {"essential": True, "value": self._client_id},
                    "at_hash": {"essential": True},
                },
                {"nonce": nonce, "client_id": self._client_id, "access_token": tokens["access_token"]},
            )
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise OidcError("invalid_response") from error
        except IssuerUnavailableError as error:
            raise OidcError("unavailable") from error
        if decoded.header.get("typ", "JWT") != "JWT":  # an access token is no ID token (RFC 8725, section 3.11)
            raise OidcError("invalid_response")
        return dict(claims)

    def _signing_key(self, token: Any) -> Key:
        key = self._issuer.signing_key(str(token.headers().get("kid")))
        if key is None:
            raise ValueError("no key of the issuer has this id")
        return import_key(key)


class _ShortAssertion(PrivateKeyJWT):  # type: ignore[misc]  # Authlib is not typed
    """private_key_jwt with assertions of one minute: by itself Authlib makes them for an hour, which VAD refuses."""

    def sign(self, auth: Any, token_endpoint: str) -> str:
        return str(
            private_key_jwt_sign(
                auth.client_secret,
                client_id=auth.client_id,
                token_endpoint=token_endpoint,
                alg=self.alg,
                header=dict(self.headers),
                expires_in=60,
            )
        )


def _same(given: str | None, expected: str) -> bool:
    return given is not None and hmac.compare_digest(given.encode(), expected.encode())
