"""What holds for every ID token, whoever sends it (OIDC Core 3.1.3.7): from this issuer, for us alone, now."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from vad.domain.errors import LoginFailedError, LoginFailure

SKEW = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class IdTokenCheck:
    """What a good ID token says, to this client of this issuer."""

    issuer: str
    client_id: str

    def auth_time(self, claims: Mapping[str, Any], nonce: str, began_at: datetime, at: datetime) -> datetime:
        """When the person proved who they are, in this very visit. Raises `LoginFailedError` for anything wrong."""
        if claims.get("iss") != self.issuer:
            raise refused("iss")
        # A string, not a list: a token for several is not for us alone.
        if claims.get("aud") != self.client_id or claims.get("azp", self.client_id) != self.client_id:
            raise refused("aud or azp")
        _check_times(claims, at)
        given = claims.get("nonce")
        if not isinstance(given, str) or not same(given, nonce):
            raise refused("nonce")
        auth_time = _time(claims, "auth_time")
        # A login from before this visit is one that the provider remembers: nobody proved anything just now.
        if not began_at - SKEW <= auth_time <= at + SKEW:
            raise refused("auth_time")
        # A clock that runs ahead must not make the session longer.
        return min(auth_time, at)


def refused(what: str) -> LoginFailedError:
    """The refusal of an ID token: names the claim at fault, never its value."""
    return LoginFailedError(LoginFailure.FAILED, f"id token: {what}")


def same(given: str, secret: str) -> bool:
    """Whether both are equal, told in a time that says nothing of where they differ."""
    # From outside anything comes, half surrogate pairs too, which have no UTF-8.
    return hmac.compare_digest(given.encode(errors="surrogatepass"), secret.encode())


def _check_times(claims: Mapping[str, Any], at: datetime) -> None:
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    if issued > at + SKEW or ("nbf" in claims and _time(claims, "nbf") > at + SKEW):
        raise refused("iat or nbf lies in the future")
    if at >= expires + SKEW:
        raise refused("exp")


def _time(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if type(value) is not int or not 0 <= value <= _LATEST:
        raise refused(name)
    return datetime.fromtimestamp(value, UTC)
