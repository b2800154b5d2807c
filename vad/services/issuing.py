"""Making one token from one grant: load the facts, decide, seal the subject, sign. Every grant type ends here."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain import claims
from vad.domain.access import AccessRequest, Deny, DenyReason, Facts, Permit, decide
from vad.domain.audit import AuditEvent, TokenIssued, TokenRefused
from vad.domain.client import Client, IdentifierType, ResourceServer
from vad.domain.errors import AccessDeniedError, ProtocolError
from vad.domain.grant import Grant
from vad.domain.identifiers import Bsn
from vad.services.authorize import evidence_of
from vad.services.ports.outside import PseudonymService
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Pairwise, SubjectSealer, TokenSigner


@dataclass(frozen=True, slots=True)
class Minted:
    """A signed token that has not left yet: its event must commit first."""

    token: str
    jti: str
    permit: Permit
    expires_in: int
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Issuing:
    """What all grant types share."""

    issuer: str
    work: UnitOfWorkFactory
    registrations: Registrations
    signer: TokenSigner
    sealer: SubjectSealer
    pairwise: Pairwise
    handles: Handles
    pseudonyms: PseudonymService

    def source(self, grant: Grant, resources: tuple[str, ...]) -> ResourceServer | None:
        """The source that is asked for; None: the issuer itself.

        Raises `ProtocolError` `invalid_target` (RFC 8707 section 2) for more than one, an unknown one, or one that the
        person did not agree to.
        """
        if not resources or resources == (self.issuer,):
            return None
        if len(resources) > 1:
            raise ProtocolError("invalid_target", "a token is for one resource: ask for one at a time")
        source = self.registrations.resource_server(resources[0])
        if source is None or source.identifier not in grant.resources:
            raise ProtocolError("invalid_target", "the resource is unknown or not part of this grant")
        return source

    def services(self, grant: Grant, source: ResourceServer | None, scope: str | None) -> frozenset[str]:
        """The data services of the token: all that were granted (at this source), or the narrower `scope` asked for."""
        granted = grant.data_services if source is None else grant.data_services & frozenset(source.data_services)
        asked = granted if scope is None else frozenset(scope.split()) - {"openid"}
        if not asked <= granted or (source is not None and not asked):
            raise ProtocolError("invalid_scope", "the scope is wider than what was granted for this resource")
        return asked

    def permit(
        self, client: Client, grant: Grant, source: ResourceServer | None, services: frozenset[str], at: datetime
    ) -> tuple[Permit, Bsn]:
        """Take the decision again on what is true now. Raises `AccessDeniedError`."""
        request = AccessRequest(
            actor=grant.actor,
            subject=grant.subject,
            client=client,
            source=source,
            data_services=services,
            level=grant.level,
            session_ends_at=grant.session_ends_at if grant.live(at) else None,
        )
        with self.work() as tx:
            person = tx.persons.get(grant.actor)
            consents = tx.consents.get(grant.consents)
        if person is None:
            raise AccessDeniedError(DenyReason.INDETERMINATE)
        decision = decide(request, Facts(person.evidence, consents), at)
        if isinstance(decision, Deny):
            raise AccessDeniedError(decision.reason)
        return decision, person.bsn

    def mint(self, permit: Permit, grant: Grant, bsn: Bsn, at: datetime) -> Minted:
        """Sign the access token of this permit. Asks the PRS where the source is known by a one-time reference."""
        request, source = permit.request, permit.request.source
        jti = self.handles.new_jti(grant.grant_id)
        sector, sealed = request.client.sector, None
        if source is not None:
            sector = claims.sector_of_client_at_source(sector, source.identifier)
            identifier = self._identifier(permit, source, bsn)
            plaintext = claims.subject_identifier(source.identifier_type, identifier, aud=source.identifier, jti=jti)
            sealed = self.sealer.seal(plaintext, source.encryption_jwk)
        sub = self.pairwise.subject(sector, request.subject)
        token = self.signer.access_token(
            claims.access_token(permit, self.context(grant, at), sub=sub, jti=jti, subject_identifier=sealed)
        )
        return Minted(token, jti, permit, int(permit.until.timestamp()) - int(at.timestamp()))

    def id_token(self, permit: Permit, grant: Grant, nonce: str, access_token: str, at: datetime) -> str:
        """The ID token that leaves with this access token."""
        client = permit.request.client
        content = claims.id_token(
            permit,
            self.context(grant, at),
            sub=self.pairwise.subject(client.sector, grant.actor),
            sid=self.pairwise.session(grant.sid, client.client_id),
            jti=self.handles.new_jti(grant.grant_id),
            nonce=nonce,
        )
        return self.signer.id_token(content, access_token)

    def context(self, grant: Grant, at: datetime) -> claims.TokenContext:
        """What every token of one answer shares."""
        return claims.TokenContext(self.issuer, at, grant.auth_time)

    def _identifier(self, permit: Permit, source: ResourceServer, bsn: Bsn) -> str:
        match source.identifier_type:
            case IdentifierType.BSN_JWE:
                return bsn.reveal()
            case IdentifierType.RID:
                return self.pseudonyms.rid_for(bsn, source)
            case IdentifierType.PSEUDONYM:
                return self.pairwise.subject(source.identifier, permit.request.subject)


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
        evidence={**evidence_of(minted.permit), "jti": minted.jti, "grant_type": grant_type},
    )


def refused(grant: Grant, reason: str, resource: ResourceServer | None, grant_type: str) -> AuditEvent:
    """The event of a token that was asked for and not given."""
    return TokenRefused(
        actor=grant.actor,
        represented=grant.subject,
        client_id=grant.client_id,
        resource=resource.identifier if resource else None,
        sid=grant.sid,
        grant_id=grant.grant_id,
        reason=reason,
        evidence={"grant_type": grant_type},
    )
