"""Token exchange (RFC 8693): the issuer's own access token for a token at one source."""

from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.claims import scope_of
from vad.domain.client import Client
from vad.domain.errors import ProtocolError
from vad.domain.grant import Grant
from vad.services.issuing import Issuing, issued
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import Handles, OwnAccessToken, TokenVerifier
from vad.services.tokens import Asked, TokenResponse, mint_or_record

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"


@dataclass(frozen=True, slots=True)
class ExchangeRequest:
    """What the client sent."""

    subject_token: str
    resources: tuple[str, ...]
    scope: str | None


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """The use case."""

    work: UnitOfWorkFactory
    issuing: Issuing
    verifier: TokenVerifier
    handles: Handles

    def exchange(self, client: Client, request: ExchangeRequest, at: datetime) -> TokenResponse:
        """A token for one source. Everything that the subject token rests on is looked at again.

        Raises `ProtocolError`: `invalid_request` for a subject token that is not this client's own and live
        (RFC 8693 section 2.2.2), `invalid_target`, `invalid_scope`; `RegisterUnavailableError`.
        """
        subject = self.verifier.own_access_token(request.subject_token, at)
        grant_id = self.handles.grant_of(subject.jti) if subject else None
        if subject is None or grant_id is None or subject.client_id != client.client_id:
            raise ProtocolError("invalid_request", "the subject_token is not a live access token of this client")
        with self.work() as tx:
            grant = tx.grants.get(grant_id)
        if grant is None or grant.client_id != client.client_id or not grant.live(at):
            raise ProtocolError("invalid_request", "the grant behind the subject_token has ended")
        source = self.issuing.source(grant, request.resources)
        if source is None:
            raise ProtocolError("invalid_target", "name the resource that the token is for")
        asked = Asked(client, _narrowed(grant, subject), source, request.scope, GRANT_TYPE)
        minted = mint_or_record(self.issuing, self.work, asked, at)
        with self.work() as tx:
            tx.audit.append(issued(minted, grant, GRANT_TYPE), at=at)
            tx.commit()
        return TokenResponse(minted.token, minted.expires_in, scope_of(minted.permit))


def _narrowed(grant: Grant, subject: OwnAccessToken) -> Grant:
    """The grant, as far as the subject token goes: an exchange never widens (RFC 8693 section 1.1)."""
    return replace(grant, data_services=grant.data_services & subject.scope)
