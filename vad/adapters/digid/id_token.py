"""The claims of DigiD's ID token (OIDC Core 3.1.3.7, NL GOV profile): who logged in, how strongly, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vad.adapters.oidc.id_token import IdTokenCheck, refused
from vad.domain.assurance import LevelOfAssurance
from vad.domain.claims import BSN_TYPE
from vad.domain.errors import InvalidIdentifierError, LoginFailedError, LoginFailure
from vad.domain.identifiers import Bsn
from vad.services.ports.outside import ActingIdentity, Identity
from vad.services.ports.volatile import PendingLogin

_OTHER_DIRECTION = frozenset({"act", "may_act"})


@dataclass(frozen=True, slots=True)
class DigidIdTokenCheck:
    """What a good ID token of DigiD says, to this client."""

    issuer: str
    client_id: str

    def identity(self, claims: Mapping[str, Any], login: PendingLogin, at: datetime) -> Identity | ActingIdentity:
        """Who logged in, and for whom if that is somebody else.

        Raises `LoginFailedError`: `LEVEL` for too weak a login, `FAILED` for anything wrong.
        """
        auth_time = IdTokenCheck(self.issuer, self.client_id).auth_time(claims, login.nonce, login.began_at, at)
        bsn = _bsn(claims)
        level = _level(claims)
        if level < login.minimum:
            raise LoginFailedError(LoginFailure.LEVEL, f"id token: {level.name} where {login.minimum.name} is demanded")
        return self._apart(claims, Identity(bsn, level, auth_time))

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
