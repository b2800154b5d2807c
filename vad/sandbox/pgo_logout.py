"""The demo PGO's side of logging out: an example for PGO developers.

It sends the person to VAD to log out there too (OpenID Connect RP-Initiated Logout 1.0), and obeys when VAD tells that
a session ended (OpenID Connect Back-Channel Logout 1.0).
"""

import secrets
import time
from typing import Any
from urllib.parse import urlencode

import jwt

from vad.sandbox.issuer import Issuer, IssuerUnavailableError
from vad.sandbox.memory import ShortLived

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
SIGNATURES = ("ES256", "RS256", "PS256")
LEEWAY = 60
LONGEST = 16 * 1024
LONGEST_LIFE = 600
LEAVING = 600.0
"""Seconds between leaving for VAD to log out and coming back."""


class LogoutTokenError(Exception):
    """This is not a logout token that may end a session here."""


class Logout:
    """What one client of VAD does about logging out. Safe to share among threads."""

    def __init__(self, issuer: Issuer, client_id: str, back: str) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._back = back
        self._seen: ShortLived[bool] = ShortLived(time.monotonic)
        self._leaving: ShortLived[bool] = ShortLived(time.monotonic)

    def address(self, id_token: str, language: str) -> str | None:
        """Where to send the browser so that VAD logs the person out; None when VAD can't be asked now."""
        try:
            endpoint = self._issuer.metadata().get("end_session_endpoint")
        except IssuerUnavailableError:
            return None
        state = secrets.token_urlsafe(32)
        if not isinstance(endpoint, str) or not self._leaving.add(state, True, seconds=LEAVING):  # noqa: FBT003
            return None
        asked = {
            "id_token_hint": id_token,
            "client_id": self._client_id,
            "post_logout_redirect_uri": self._back,
            "state": state,
            "ui_locales": language,
        }
        return f"{endpoint}?{urlencode(asked)}"

    def came_back(self, state: str) -> bool:
        """Whether this is somebody who left for VAD to log out there too."""
        return self._leaving.get(state) is not None

    def ended_session(self, token: str) -> str:
        """The `sid` of the session that this logout token ends (section 2.6).

        Raises LogoutTokenError, and IssuerUnavailableError while nothing can be checked.
        """
        if len(token) > LONGEST:
            raise LogoutTokenError
        claims = self._claims(token)
        events, sid, jti = claims["events"], claims["sid"], claims["jti"]
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            raise LogoutTokenError
        if "nonce" in claims or not all(isinstance(value, str) and value for value in (sid, jti)):
            raise LogoutTokenError  # with a nonce it could be an ID token (section 2.4)
        if not 0 < claims["exp"] - claims["iat"] <= LONGEST_LIFE:
            raise LogoutTokenError
        if not self._seen.add(jti, True, seconds=LONGEST_LIFE + 2 * LEEWAY):  # noqa: FBT003
            raise LogoutTokenError
        return str(sid)

    def _claims(self, token: str) -> dict[str, Any]:
        """The claims, after type, signature, issuer, audience and times were found right."""
        try:
            header = jwt.get_unverified_header(token)
            key = self._issuer.signing_key(str(header.get("kid")))
            if header.get("typ") != "logout+jwt" or header.get("alg") not in SIGNATURES or key is None:
                raise LogoutTokenError
            claims: dict[str, Any] = jwt.decode_complete(
                token,
                jwt.PyJWK(key),
                algorithms=SIGNATURES,
                issuer=self._issuer.url,
                audience=self._client_id,
                leeway=LEEWAY,
                options={"require": ["iss", "aud", "iat", "exp", "jti", "sid", "events"], "strict_aud": True},
            )["payload"]
        except jwt.PyJWTError as error:
            raise LogoutTokenError from error
        if not all(type(claims[name]) is int for name in ("iat", "exp")):
            raise LogoutTokenError
        return claims
