"""Making one token from one grant: load the facts, decide, seal the subject, sign. Every grant type ends here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from vad.domain import claims
from vad.domain.access import AccessDeniedError, AccessRequest, Deny, Permit, decide, own_consented
from vad.domain.audit import AuditEvent, TokenIssued
from vad.domain.authorization_details import granted
from vad.domain.client import OWN_SCOPES, IdentifierType, ResourceServer
from vad.domain.grant import Grant
from vad.domain.ground import Basis, DenyReason
from vad.domain.identifiers import Bsn, PersonId
from vad.services.attempts import Attempt
from vad.services.denials import Refusal, refusal
from vad.services.ports.conditions import Carried, GrantLive
from vad.services.ports.outside import PseudonymService
from vad.services.ports.records import GrantStanding, Person, Registrations, Standing, UnitOfWorkFactory
from vad.services.ports.tokens import AnswerSealer, Handles, Pairwise, SubjectSealer, TokenSigner
from vad.services.ports.volatile import AuthorizationCode
from vad.services.representation import Representation
from vad.services.shared_claims import SharedClaims
from vad.services.subjects import Subjects
from vad.services.token_requests import TokenRequest

BEARER, DPOP = "Bearer", "DPoP"
"""Types of access tokens (RFC 6750, RFC 9449 section 5): DPoP for one that is bound to a key."""
CODE = "authorization_code"
"""The grant type whose answer is the first that a grant gives."""


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """The answer of the token endpoint (RFC 6749 section 5.1)."""

    access_token: str
    expires_in: int
    """Seconds."""
    scope: str
    id_token: str | None = None
    refresh_token: str | None = None
    token_type: str = BEARER
    authorization_details: Sequence[Mapping[str, object]] = ()
    """What was granted, as tokens say it (RFC 9396 section 7)."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What was decided, and about whom."""

    permit: Permit
    bsn: Bsn
    """Of the subject: whose data it is."""


@dataclass(frozen=True, slots=True)
class Minted:
    """A signed token that has not left yet: its event must commit first."""

    token: str
    jti: str
    permit: Permit
    expires_in: int
    """Seconds."""
    jkt: str = ""
    """The key that it is bound to, if any."""
    locations: tuple[str, ...] = ()
    """Where it opens something; for the issuer's own token, what it can be exchanged for."""

    @property
    def carried(self) -> Carried:
        """What carries it."""
        permit, request = self.permit, self.permit.request
        source = None if request.source is None else request.source.identifier
        return Carried(
            tuple(consent.consent_id for consent in permit.consents),
            tuple(assent.assent_id for assent in permit.assents),
            permit.mandate.used_for(request.client.client_id, source, request.data_services) if permit.mandate else (),
        )

    def response(self, *, id_token: str | None = None, refresh_token: str | None = None) -> TokenResponse:
        """The answer, with what else leaves beside it."""
        kind = DPOP if self.jkt else BEARER
        details = granted(self.permit.basis, self.locations) if self.locations else []
        scope = claims.told_scope(self.permit)
        return TokenResponse(self.token, self.expires_in, scope, id_token, refresh_token, kind, details)


@dataclass(frozen=True, slots=True)
class Issuing:
    """What all grant types share."""

    issuer: str
    work: UnitOfWorkFactory
    registrations: Registrations
    signer: TokenSigner
    sealer: SubjectSealer
    answers: AnswerSealer
    pairwise: Pairwise
    subjects: Subjects
    handles: Handles
    pseudonyms: PseudonymService
    representation: Representation
    shared: SharedClaims

    def source(self, attempt: Attempt, grant: Grant, resources: tuple[str, ...]) -> ResourceServer | None:
        """The source that is asked for, which the attempt then knows; None: the issuer itself.

        Raises `ProtocolError` `invalid_target` (RFC 8707 section 2) for more than one, an unknown one, or one that the
        person did not agree to.
        """
        if not resources or resources == (self.issuer,):
            return None
        if len(resources) > 1:
            raise refusal(Refusal.RESOURCES_MANY)
        attempt.source = source = self.registrations.resource_server(resources[0])
        if source is None:
            raise refusal(Refusal.RESOURCE_UNKNOWN)
        if source.identifier not in grant.resources:
            raise refusal(Refusal.RESOURCE_NOT_GRANTED)
        return source

    def standing_of(self, grant: Grant) -> GrantStanding:
        """What a grant that is not written yet rests on. Raises `AccessDeniedError` for a person who is not known."""
        with self.work() as tx:
            standing = tx.standings.of_unwritten(grant)
        if standing is None:
            raise AccessDeniedError(Deny(DenyReason.INDETERMINATE))
        return standing

    def asks_register(self, source: ResourceServer | None) -> bool:
        """Whether a token for this source takes a call to a register, which may last."""
        return source is not None and source.identifier_type is IdentifierType.RID

    def decide(self, request: TokenRequest, standing: Standing, at: datetime, known: Permit | None = None) -> Allowed:
        """Take the decision again on what is true now. Raises `ProtocolError` `invalid_scope`, `AccessDeniedError`.

        Registers are asked about another subject only where nothing else stands in the way; not at all with a permit of
        a moment ago, `known`: what they said then is taken again.
        """
        grant = request.grant
        asked = AccessRequest(
            actor=grant.actor,
            subject=grant.subject,
            client=request.client,
            source=request.source,
            data_services=request.data_services(standing.mandates),
            level=grant.level,
            session_ends_at=grant.session_ends_at if grant.live(at) else None,
            openid=request.openid,
        )
        facts = standing.facts
        if request.scope is None:
            # What was granted, and holds no more, leaves by itself.
            lost = OWN_SCOPES - own_consented(asked, facts, at)
            asked = replace(asked, data_services=asked.data_services - lost)
        if known is not None:
            facts = replace(facts, evidence=known.evidence, represented=known.represented)
        decision = decide(asked, facts, at)
        if known is None and grant.actor != grant.subject and decision == Deny(DenyReason.INDETERMINATE):
            decision = decide(asked, self.representation.facts(standing, grant.subject, at), at)
        if isinstance(decision, Deny):
            raise AccessDeniedError(decision)
        if grant.basis not in (None, decision.basis):
            # As if nothing allowed it: what else allows it, the app did not ask for.
            raise AccessDeniedError(Deny(DenyReason.NO_GROUND))
        if request.basis not in (None, decision.basis):
            raise refusal(Refusal.DETAILS_NOT_GRANTED)
        acting = decision.represented
        return Allowed(decision, standing.person.bsn if acting is None else acting.subject)

    def mint(self, allowed: Allowed, grant: Grant, at: datetime) -> Minted:
        """Sign the access token of this permit. Asks the PRS where the source is known by a one-time reference."""
        permit = allowed.permit
        request, source = permit.request, permit.request.source
        jti = self.handles.new_jti(grant.grant_id)
        sector, sealed = claims.sector_of_client(request.client), None
        if source is not None:
            sector = claims.sector_of_client_at_source(request.client, source)
            identifier = self._identifier(allowed, source, at)
            plaintext = claims.subject_identifier(
                source.identifier_type,
                identifier,
                aud=source.identifier,
                jti=jti,
                mandate=None if permit.mandate is None else permit.mandate.mandate_id,
            )
            sealed = self.sealer.seal(plaintext, source.encryption_jwk)
        content = claims.access_token(
            permit,
            self._context(grant, at),
            sub=self.pairwise.subject(sector, request.subject),
            act=self._other(sector, request.actor, permit),
            jti=jti,
            subject_identifier=sealed,
            cnf=grant.confirmation,
        )
        token = self.signer.access_token(content)
        locations = grant.resources if source is None else (source.identifier,)
        return Minted(token, jti, permit, int(permit.until.timestamp()) - int(at.timestamp()), grant.jkt, locations)

    def id_token(
        self, person: Person, permit: Permit, grant: Grant, code: AuthorizationCode, access_token: str, at: datetime
    ) -> str:
        """The ID token that leaves with this access token."""
        client = permit.request.client
        sector = claims.sector_of_client(client)
        content = claims.id_token(
            permit,
            self._context(grant, at),
            sub=self.subjects.of_client(client, person),
            represents=self._other(sector, grant.subject, permit),
            sid=self.pairwise.session(grant.sid, client.client_id),
            jti=self.handles.new_jti(grant.grant_id),
            nonce=code.nonce,
            shared=self.shared.in_id_token(permit, person, code.id_token_claims),
        )
        return self.answers.id_token(client, self.signer.id_token(content, access_token))

    def commit(self, minted: Minted, request: TokenRequest, at: datetime) -> None:
        """Write the event, after which the token may leave. Raises `ProtocolError` when the grant was stopped.

        Grant and consent are held, so that a stop commits either before, and is seen, or after the token was given.
        What was stopped meanwhile the decision says when it is taken again: `AccessDeniedError`. One stop of the grant
        does not count for the answer to a code: a second use of that code meanwhile. The first use is the rightful one;
        it is answered, and what it gets is dead already wherever VAD is asked (RFC 6749 section 4.1.2).
        """
        grant_id, code = request.grant.grant_id, request.grant_type == CODE
        with self.work() as tx:
            tx.audit.append(issued(minted, request.grant, request.grant_type), at=at)
            if tx.commit_if(GrantLive(grant_id, at, minted.carried, or_revoked=code)):
                return
        with self.work() as tx:
            standing = tx.standings.of(grant_id)
        if standing is not None and standing.grant.live(at):
            self.decide(request, standing, at)
        raise refusal(Refusal.GRANT_ENDED)

    def _other(self, sector: claims.Sector, person_id: PersonId, permit: Permit) -> str | None:
        """The second person of a token, where one acts for another."""
        return None if permit.basis is Basis.SELF else self.pairwise.subject(sector, person_id)

    def _context(self, grant: Grant, at: datetime) -> claims.TokenContext:
        return claims.TokenContext(self.issuer, at, grant.auth_time)

    def _identifier(self, allowed: Allowed, source: ResourceServer, at: datetime) -> str:
        match source.identifier_type:
            case IdentifierType.BSN_JWE:
                return allowed.bsn.reveal()
            case IdentifierType.RID:
                return self.pseudonyms.rid_for(allowed.bsn, source, at)
            case IdentifierType.PSEUDONYM:
                return self.pairwise.subject(claims.sector_of_source(source), allowed.permit.request.subject)


def issued(minted: Minted, grant: Grant, grant_type: str) -> AuditEvent:
    """The event of a token: it must have committed before the token leaves."""
    request = minted.permit.request
    return TokenIssued(
        actor=request.actor,
        represented=request.subject,
        client_id=request.client.client_id,
        resource=request.source.identifier if request.source else None,
        sid=grant.sid,
        grant_id=grant.grant_id,
        basis=minted.permit.basis,
        evidence={**minted.permit.as_record(), "jti": minted.jti, "grant_type": grant_type},
    )
