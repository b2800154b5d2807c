"""Who comes to VAD's own API, and whether they may: as userinfo asks, and with a scope of its own."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.client import Client
from vad.domain.errors import VadError
from vad.domain.ground import Basis
from vad.domain.possession import Possession
from vad.domain.session import Session
from vad.services.introspection import LivingTokens


class ApiFault(StrEnum):
    """What is wrong with a token, as RFC 6750 section 3.1 calls it."""

    INVALID_TOKEN = "invalid_token"  # noqa: S105 - an error's name
    INSUFFICIENT_SCOPE = "insufficient_scope"


class ApiRefusedError(VadError):
    """The token does not open the API."""

    def __init__(self, why: ApiFault) -> None:
        super().__init__(why)
        self.why: ApiFault = why


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """A person, by the hand of an app."""

    session: Session
    """What the person's login allows, for the use cases of VAD's own pages."""
    client: Client


@dataclass(frozen=True, slots=True)
class ApiAccess:
    """The use case. Everything that the token rests on is looked at each time, so a stop counts at once."""

    tokens: LivingTokens

    def caller(self, access_token: str, held: Possession, scope: str, at: datetime) -> ApiCaller:
        """Who comes with this token, and holds what it is bound to. Raises `ApiRefusedError`.

        Only for oneself: whoever acts for another can't pass that on, and has no say about the other's mandates
        (rule 26).
        """
        living = self.tokens.presented(access_token, held, at)
        if living is None:
            raise ApiRefusedError(ApiFault.INVALID_TOKEN)
        permit, grant = living.allowed.permit, living.standing.grant
        client = permit.request.client
        if scope not in permit.request.data_services or permit.basis is not Basis.SELF or "act" in living.token.claims:
            raise ApiRefusedError(ApiFault.INSUFFICIENT_SCOPE)
        session = Session(
            sid=grant.sid,
            person_id=grant.actor,
            level=grant.level,
            auth_time=grant.auth_time,
            last_active=at,
            clients=frozenset({client.client_id}),
            through=client.client_id,
        )
        return ApiCaller(session, client)
