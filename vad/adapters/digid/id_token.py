"""The claims of DigiD's ID token (OIDC Core 3.1.3.7, NL GOV profile): who logged in, how strongly, and when."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from vad.domain.assurance import LevelOfAssurance
from vad.domain.claims import BSN_TYPE
from vad.domain.errors import InvalidIdentifierError, LoginFailedError, LoginFailure
from vad.domain.identifiers import Bsn
from vad.services.ports.outside import ActingIdentity, Identity
from vad.services.ports.volatile import PendingLogin

_OTHER_DIRECTION = frozenset({"act", "may_act"})
SKEW = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""
_LATEST = 253_402_300_799
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True)
class IdTokenCheck:
    """What a good ID token says, to this client of this issuer."""

    issuer: str
    client_id: str

    def identity(self, claims: Mapping[str, Any], login: PendingLogin, at: datetime) -> Identity | ActingIdentity:
        """Who logged in, and for whom if that is somebody else.

        Raises `LoginFailedError`: `LEVEL` for too weak a login, `FAILED` for anything wrong.
        """
        if claims.get("iss") != self.issuer:
            raise refused("iss")
        # A string, not a list: a token for several is not for us alone.
        if claims.get("aud") != self.client_id or claims.get("azp", self.client_id) != self.client_id:
            raise refused("aud or azp")
        _check_times(claims, at)
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not same(nonce, login.nonce):
            raise refused("nonce")
        auth_time = _time(claims, "auth_time")
        # A login from before this visit is one that the provider remembers: nobody proved anything just now.
        if not login.began_at - SKEW <= auth_time <= at + SKEW:
            raise refused("auth_time")
        bsn = _bsn(claims)
        level = _level(claims)
        if level < login.minimum:
            raise LoginFailedError(LoginFailure.LEVEL, f"id token: {level.name} where {login.minimum.name} is demanded")
        # A clock that runs ahead must not make the session longer.
        return self._apart(claims, Identity(bsn, level, min(auth_time, at)))

    def _apart(self, claims: Mapping[str, Any], who: Identity) -> Identity | ActingIdentity:
        """The one who logged in, and apart from them the one for whom they did.

        NL GOV has the acting subject in `sub` and the legal subject in `represents`. RFC 8693 has them the other way
        round, with `act`: whoever sends that means somebody else by `sub` than we would read.
        """
        if not _OTHER_DIRECTION.isdisjoint(claims):
            raise refused("act: sub may not be who logged in")
        if "represents" not in claims:
            return who
        named = claims["represents"]
        if not isinstance(named, Mapping) or named.get("iss", self.issuer) != self.issuer or "represents" in named:
            raise refused("represents")
        represented = _bsn(named, "represents: ")
        if represented == who.bsn:
            raise refused("represents: the one who logged in")
        return ActingIdentity(who, represented)


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


def _bsn(claims: Mapping[str, Any], where: str = "") -> Bsn:
    subject = claims.get("sub")
    if claims.get("sub_id_type") != BSN_TYPE or not isinstance(subject, str):
        raise refused(f"{where}sub_id_type or sub")
    try:
        return Bsn(subject)
    except InvalidIdentifierError:
        raise refused(f"{where}sub") from None


def _level(claims: Mapping[str, Any]) -> LevelOfAssurance:
    try:
        return LevelOfAssurance.from_uri(claims.get("acr"))
    except InvalidIdentifierError:
        raise refused("acr") from None
