"""Token exchange (RFC 8693): the issuer's own access token for a token at one source."""

from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain.client import Client
from vad.domain.grant import Grant
from vad.domain.ground import Basis
from vad.domain.possession import NOTHING, Possession, bound
from vad.services.attempts import Attempt, recorded
from vad.services.denials import Refusal, refusal
from vad.services.issuing import Issuing, TokenResponse
from vad.services.ports.records import GrantStanding, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, TokenVerifier, VerifiedAccessToken
from vad.services.token_requests import TokenRequest

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"


@dataclass(frozen=True, slots=True)
class ExchangeRequest:
    """What the client sent."""

    subject_token: str
    resources: tuple[str, ...]
    scope: str | None
    held: Possession = NOTHING
    """What the client proved to hold."""
    basis: Basis | None = None
    """The one ground on which the client takes a token (RFC 9396). None: whichever it is."""


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
        (RFC 8693 section 2.2.2), `invalid_target`, `invalid_scope`, `invalid_grant`; `RegisterUnavailableError`.
        """
        attempt = Attempt(client, GRANT_TYPE)
        with recorded(self.work, attempt, at):
            subject, standing = self._subject(attempt, request.subject_token, at)
            grant = bound(_as_bound(standing.grant, subject), client, request.held)
            source = self.issuing.source(attempt, grant, request.resources)
            if source is None:
                raise refusal(Refusal.RESOURCE_MISSING)
            asked = TokenRequest(client, _narrowed(grant, subject), source, request.scope, GRANT_TYPE, request.basis)
            minted = self.issuing.mint(self.issuing.decide(asked, standing, at), grant, at)
            self.issuing.commit(minted, asked, at)
        return minted.response()

    def _subject(self, attempt: Attempt, token: str, at: datetime) -> tuple[VerifiedAccessToken, GrantStanding]:
        """The subject token and its grant, when both are this client's own and live."""
        subject = self.verifier.own_access_token(token, at)
        grant_id = self.handles.grant_of(subject.jti) if subject else None
        if subject is None or grant_id is None:
            raise refusal(Refusal.SUBJECT_TOKEN_UNUSABLE)
        with self.work() as tx:
            standing = tx.standings.of(grant_id)
        attempt.grant = grant = standing.grant if standing else None
        client_id = attempt.client.client_id
        if subject.client_id != client_id or (grant is not None and grant.client_id != client_id):
            raise refusal(Refusal.SUBJECT_TOKEN_FOREIGN)
        if standing is None or not standing.grant.live(at):
            raise refusal(Refusal.SUBJECT_GRANT_ENDED)
        return subject, standing


def _as_bound(grant: Grant, subject: VerifiedAccessToken) -> Grant:
    """The grant, bound to what the subject token is bound to: an app may have bound that one alone (RFC 9449).

    Or to another key than the rest, when it refreshed. Otherwise whoever found it would get one that is bound to
    nothing, or to a key that the app has given up.
    """
    jkt, certificate = subject.jkt or grant.jkt, grant.certificate or subject.certificate
    as_it_is = (jkt, certificate) == (grant.jkt, grant.certificate)
    return grant if as_it_is else replace(grant, jkt=jkt, certificate=certificate)


def _narrowed(grant: Grant, subject: VerifiedAccessToken) -> Grant:
    """The grant, as far as the subject token goes: an exchange never widens (RFC 8693 section 1.1)."""
    narrower = grant.data_services & subject.scope
    return grant if narrower == grant.data_services else replace(grant, data_services=narrower)
