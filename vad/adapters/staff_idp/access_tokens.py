"""Access tokens that the identity provider of staff gives to programs, for the API of the log (RFC 9068)."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from vad.adapters.http.caller import HttpCaller
from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import header_of, numeric_date, text
from vad.adapters.jose.nested import open_signed
from vad.adapters.oidc.id_token import SKEW
from vad.adapters.oidc.provider import Jwks, Provider
from vad.adapters.staff_idp.oidc import Demands
from vad.domain.staff import StaffRole
from vad.services.ports.staff import StaffIdentity

_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_ROLES = {role.value: role for role in StaffRole}
_LONGEST_LIFE = timedelta(hours=1)
"""A token that lives longer would outlive its account."""


class StaffAccessTokens:
    """`vad.services.ports.staff.StaffTokens`: signed by this provider, for this API alone, now."""

    def __init__(self, issuer: str, audience: str, demands: Demands, login_life: timedelta, caller: HttpCaller) -> None:
        """`login_life`: how long a login of staff counts, at the pages and here."""
        self._issuer = issuer
        self._audience = audience
        self._demands = demands
        self._login_life = login_life
        self._provider = Provider(issuer, caller)

    def read(self, token: str, at: datetime) -> StaffIdentity | None:
        try:
            return self._read(self._opened(token), at)
        except TokenRefusedError:
            return None

    def _opened(self, token: str) -> Mapping[str, object]:
        # Before its keys are looked up: an ID token, or one of another kind, never opens this.
        if str(header_of(token).get("typ", "")).lower() not in _TYPES:
            raise TokenRefusedError(Refusal.TYPE)
        keys = self._provider.keys.get()
        try:
            return open_signed(token, keys)
        except TokenRefusedError as error:
            newer: Jwks | None = self._provider.keys.newer_than(keys) if error.reason is Refusal.UNKNOWN_KEY else None
            if newer is None:
                raise
        return open_signed(token, newer)

    def _read(self, claims: Mapping[str, object], at: datetime) -> StaffIdentity:
        # A string, not a list: a token for several is not for this API alone.
        if claims.get("iss") != self._issuer or claims.get("aud") != self._audience:
            raise TokenRefusedError(Refusal.AUDIENCE)
        if claims.get("acr") != self._demands.acr:  # RFC 9068 section 2.2.1: as strong as at the pages (rule 44)
            raise TokenRefusedError(Refusal.LEVEL)
        issued, expires = (_moment(claims, name) for name in ("iat", "exp"))
        if not issued - SKEW <= at < expires or expires - issued > _LONGEST_LIFE:
            raise TokenRefusedError(Refusal.TIME)
        # RFC 9068 section 2.2.1: a program that refreshes its tokens for days must not make one login last as long.
        logged_in = _moment(claims, "auth_time")
        if not logged_in - SKEW <= at < logged_in + self._login_life:
            raise TokenRefusedError(Refusal.TIME)
        given = claims.get(self._demands.roles_claim, [])
        if not isinstance(given, list):
            raise TokenRefusedError(Refusal.MALFORMED)
        roles = frozenset(_ROLES[each] for each in given if isinstance(each, str) and each in _ROLES)
        return StaffIdentity(self._issuer, text(claims, "sub", Refusal.MALFORMED), roles, issued)


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    try:
        return datetime.fromtimestamp(numeric_date(claims, name), UTC)
    except (ValueError, OverflowError, OSError):
        raise TokenRefusedError(Refusal.TIME) from None
