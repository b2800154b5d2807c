"""Who logged in, for the app to greet (OIDC Core section 5.3): name and age, never a BSN."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain import claims
from vad.domain.access import Permit
from vad.domain.age import years_old
from vad.domain.errors import ProtocolError, RegisterUnavailableError
from vad.services.introspection import LivingTokens
from vad.services.names import Names
from vad.services.ports.tokens import Pairwise
from vad.services.representation import Representation


@dataclass(frozen=True, slots=True)
class Called:
    """What an app may know of somebody, to greet them or to say for whom they act."""

    name: str
    age: int | None
    """In whole years, in Amsterdam; None where the register leaves it open."""


@dataclass(frozen=True, slots=True)
class UserInfoResponse:
    """What the app may know of the person who logged in."""

    sub: str
    """Pairwise: the same as in the ID token (OIDC Core section 5.3.2)."""
    person: Called
    represented: Called | None = None
    """For whom they act; None where they don't."""


@dataclass(frozen=True, slots=True)
class UserInfo:
    """The use case."""

    tokens: LivingTokens
    pairwise: Pairwise
    names: Names
    representation: Representation

    def of(self, access_token: str, jkt: str, at: datetime) -> UserInfoResponse | None:
        """None unless this is the issuer's own access token, bound to `jkt` alone, and all that it rests on holds now.

        Raises `ProtocolError` `insufficient_scope` for a token without `openid` (RFC 6750 section 3.1), and
        `RegisterUnavailableError` when the name is neither at hand nor to be had: nobody is an empty person.
        """
        living = self.tokens.presented(access_token, jkt, at)
        if living is None:
            return None
        if not living.allowed.permit.request.openid:
            raise ProtocolError("insufficient_scope", "the token is not about who logged in")
        request, evidence = living.allowed.permit.request, living.allowed.permit.evidence
        sub = self.pairwise.subject(claims.sector_of_client(request.client), request.actor)
        person = Called(self.names.of(living.standing.person, at).full_name, years_old(evidence.birth, at))
        return UserInfoResponse(sub, person, self._represented(living.allowed.permit, at))

    def _represented(self, permit: Permit, at: datetime) -> Called | None:
        about = permit.represented
        if about is None or about.evidence is None:
            return None
        name = self.representation.name(permit.request.subject, at)
        if name is None:
            raise RegisterUnavailableError("brp: no name of whom somebody acts for")
        return Called(name, years_old(about.evidence.birth, at))
