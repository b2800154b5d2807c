"""The port `StaffIdentityProvider`: an ID token that is signed, says how strong the login was, and names roles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vad.adapters.http.caller import HttpCaller
from vad.adapters.jose.nested import open_signed
from vad.adapters.oidc.id_token import IdTokenCheck, refused
from vad.adapters.oidc.relying_party import Registration, RelyingParty
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.domain.errors import LoginFailedError, LoginFailure
from vad.domain.staff import StaffRole
from vad.services.ports.staff import PendingStaffLogin, StaffIdentity
from vad.services.ports.tokens import Randomness

_LONGEST_SUBJECT = 255
"""Characters (OIDC Core section 2)."""
_MAX_AGE = "60"
"""Seconds. It obliges the provider to say when the person logged in (OIDC Core 3.1.2.1); that is what is checked."""
_ROLES = {role.value: role for role in StaffRole}


@dataclass(frozen=True, slots=True)
class Demands:
    """What an ID token must say, and where it says what somebody is employed for."""

    acr: str
    """The one value that stands for a login with more than one factor."""
    roles_claim: str


class OidcStaffIdentityProvider:
    """`vad.services.ports.staff.StaffIdentityProvider`, with a key that proves VAD here and nowhere else."""

    def __init__(
        self, registration: Registration, demands: Demands, rings: Rings, caller: HttpCaller, random: Randomness
    ) -> None:
        # Fail at the start, not at the first login.
        rings.current.active(Purpose.STAFF_IDP_SIGNING)
        self._demands = demands
        self._party = RelyingParty(
            registration, lambda: rings.current.active(Purpose.STAFF_IDP_SIGNING), caller, random
        )
        self._check = IdTokenCheck(registration.issuer, registration.client_id)

    def begin(self, login: PendingStaffLogin) -> str:
        return self._party.address(login, acr_values=self._demands.acr, ui_locales=login.language, max_age=_MAX_AGE)

    def complete(self, login: PendingStaffLogin, response: Mapping[str, str], at: datetime) -> StaffIdentity:
        claims = self._party.claims(login, response, at, open_signed)
        auth_time = self._check.auth_time(claims, login.nonce, login.began_at, at)
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isascii():
            raise refused("sub")
        if claims.get("acr") != self._demands.acr:
            # Equal, not "at least": what lies above it only the provider knows.
            raise LoginFailedError(LoginFailure.LEVEL, "id token: acr")
        return StaffIdentity(self._check.issuer, subject, self._roles(claims), auth_time)

    def _roles(self, claims: Mapping[str, object]) -> frozenset[StaffRole]:
        """Those that exist here: the provider may know others, for other programs."""
        given = claims.get(self._demands.roles_claim, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise refused("roles")
        return frozenset(_ROLES[each] for each in given if each in _ROLES)
