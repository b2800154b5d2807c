"""The decision: who may have what, on which ground, until when (rules 1 to 9).

`decide` is pure. One loader fetches the `Facts`; login choice, code, token, refresh and exchange all ask here.
A `Permit` can only be made by `decide`, and a token can only be made from a `Permit`.
"""

from dataclasses import InitVar, dataclass, field
from datetime import datetime, timedelta

from vad.domain.age import next_boundary
from vad.domain.assent import Assent, carrying
from vad.domain.assurance import LevelOfAssurance
from vad.domain.block import Block
from vad.domain.client import OWN_SCOPES, Client, ResourceServer
from vad.domain.consent import Consent
from vad.domain.errors import VadError
from vad.domain.ground import Agreed, Basis, DenyReason, Ground, acting_ground, own_ground
from vad.domain.identifiers import PersonId
from vad.domain.mandate import Mandate
from vad.domain.parental_authority import Represented
from vad.domain.person import Evidence
from vad.domain.standard_claims import covered

LONGEST_TOKEN_LIFE = timedelta(seconds=900)
ISSUER_TOKEN_LIFE = timedelta(seconds=300)
ACTING_TOKEN_LIFE = timedelta(seconds=300)
"""Where somebody acts for another, no token is good for longer: so long does a stop take at most where nobody asks."""


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One question: this actor, this subject's data, this source, through this app."""

    actor: PersonId
    subject: PersonId
    client: Client
    source: ResourceServer | None
    """None: no data source, only the login itself (the issuer's own access token and the ID token)."""
    data_services: frozenset[str]
    level: LevelOfAssurance
    session_ends_at: datetime | None
    """None: the session has been ended."""
    openid: bool = True
    """Whether the app learns who logged in (OIDC). Without it the app gets access alone: plain OAuth 2.0."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one loader fetched for one request."""

    evidence: Evidence | None
    """About the actor. None: the register gave no answer that may be used."""
    consents: tuple[Consent, ...] = ()
    blocks: tuple[Block, ...] = ()
    """About the subject."""
    represented: Represented | None = None
    """None where the actor asks for their own data."""
    assents: tuple[Assent, ...] = ()
    """Of the subject, that the actor sees their data."""
    mandates: tuple[Mandate, ...] = ()
    """Those between subject and actor that may carry the request; of a grant, the one that it rests on."""


@dataclass(frozen=True, slots=True)
class Deny:
    """The decision went against the request."""

    reason: DenyReason
    evidence: Evidence | None = field(default=None, compare=False)
    """What the register had said of the actor, where the decision looked at it."""
    represented: Represented | None = field(default=None, compare=False)
    """What was known of the subject, where that is another and the decision looked at it."""

    def as_record(self) -> dict[str, object]:
        """What the log keeps of it: no personal data."""
        return _recorded(self.evidence, self.represented)


class AccessDeniedError(VadError):
    """A decision that went against the caller, for those who can't go on without a permit."""

    def __init__(self, denied: Deny) -> None:
        super().__init__(denied.reason)
        self.reason: DenyReason = denied.reason
        self.denied = denied


_DECIDED = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """The decision allowed the request. Only `decide` can make one; raises `TypeError` for anybody else."""

    request: AccessRequest
    basis: Basis
    until: datetime
    """No token on this permit may live longer."""
    evidence: Evidence
    consents: tuple[Consent, ...]
    represented: Represented | None = None
    """What was known of the subject, where that is another than the actor."""
    assents: tuple[Assent, ...] = ()
    """Of the subject, where it takes them."""
    mandate: Mandate | None = None
    """What the permit rests on, where that is a mandate."""
    _decided: InitVar[object]
    """Not kept, so that `dataclasses.replace` can't make a wider permit out of this one."""

    def __post_init__(self, _decided: object) -> None:
        if _decided is not _DECIDED:
            raise TypeError("a Permit comes from decide() alone")

    def as_record(self) -> dict[str, object]:
        """What the log keeps of the decision: references and times, no personal data."""
        return {
            **_recorded(self.evidence, self.represented),
            **({"assents": [str(assent.assent_id) for assent in self.assents]} if self.assents else {}),
            **(self.mandate.as_record() if self.mandate else {}),
            "consents": [str(consent.consent_id) for consent in self.consents],
            "data_services": sorted(self.request.data_services),
            "acr": self.request.level.uri,
            "until": self.until.isoformat(),
        }


def decide(request: AccessRequest, facts: Facts, at: datetime) -> Permit | Deny:
    """Apply rules 1 to 9, in their order; the first match wins."""
    barred = _barred(request, facts, at)
    if barred is not None:
        return Deny(barred)
    consents = _consents_for(request, facts, at)
    if not consents:
        return Deny(DenyReason.NO_CONSENT)
    evidence = facts.evidence
    if evidence is None or not evidence.usable_for_self(at):
        return Deny(DenyReason.INDETERMINATE, evidence)
    ground = (
        own_ground(evidence, at)
        if request.actor == request.subject
        else acting_ground(evidence, facts.represented, _agreed(request, facts, at), at)
    )
    if isinstance(ground, DenyReason):
        return Deny(ground, evidence, facts.represented)
    represented = None if ground.basis is Basis.SELF else facts.represented
    return Permit(
        request=request,
        basis=ground.basis,
        until=_until(request, consents, ground, (represented and represented.evidence) or evidence, at),
        evidence=evidence,
        consents=consents,
        represented=represented,
        assents=ground.assents,
        mandate=ground.mandate,
        _decided=_DECIDED,
    )


def _recorded(evidence: Evidence | None, represented: Represented | None) -> dict[str, object]:
    return (evidence.as_record() if evidence else {}) | (represented.as_record() if represented else {})


def minimum_level(client: Client, source: ResourceServer | None) -> LevelOfAssurance:
    """The level of assurance that this client and this source demand together (rule 1)."""
    return client.minimum_level if source is None else max(client.minimum_level, source.minimum_level)


def blocked(request: AccessRequest, facts: Facts, at: datetime) -> bool:
    """Whether something was switched off that this request would need (rules 3, 18 and 45)."""
    resource = None if request.source is None else request.source.identifier
    return any(
        block.live(at) and block.covers(request.actor, request.subject, request.client.client_id, resource)
        for block in facts.blocks
    )


def _barred(request: AccessRequest, facts: Facts, at: datetime) -> DenyReason | None:
    """Rules 1 to 3 as far as they do not need the register or a consent."""
    client, source = request.client, request.source
    if request.level < minimum_level(client, source):
        return DenyReason.LOA
    if request.session_ends_at is None or at >= request.session_ends_at:
        return DenyReason.SESSION_ENDED
    if not client.active or (source is not None and not source.active):
        return DenyReason.BLOCKED
    if blocked(request, facts, at):
        return DenyReason.BLOCKED
    if source is not None and not source.admits(client, request.data_services):
        return DenyReason.NOT_QUALIFIED
    acts, own_scopes = request.actor != request.subject, request.data_services & OWN_SCOPES
    if own_scopes and (acts or source is not None or not own_scopes <= client.own_scopes):
        return DenyReason.NOT_QUALIFIED
    if acts and not (client.representation and (source is None or source.representation)):
        return DenyReason.NOT_QUALIFIED
    return None


def _consents_for(request: AccessRequest, facts: Facts, at: datetime) -> tuple[Consent, ...]:
    """The live consents that carry the request: for a source each data service must be covered by one consent.

    The login itself needs any live consent for the app: somebody who agreed to nothing has not agreed to log in. What
    VAD itself gives needs one that names it.
    """
    mine = _live_consents(request, facts, at)
    if request.source is None:
        return mine if request.data_services & OWN_SCOPES <= _own_scopes_of(mine) else ()
    source = request.source.identifier
    return tuple(consent for consent in mine if consent.covers(source, request.data_services))


def own_consented(request: AccessRequest, facts: Facts, at: datetime) -> frozenset[str]:
    """What of VAD itself this app may have now, and its person agreed to."""
    return request.client.own_scopes & _own_scopes_of(_live_consents(request, facts, at))


def _live_consents(request: AccessRequest, facts: Facts, at: datetime) -> tuple[Consent, ...]:
    return tuple(
        consent
        for consent in facts.consents
        if consent.live(at)
        and consent.person_id == request.actor
        and consent.subject == request.subject
        and consent.client_id == request.client.client_id
    )


def _own_scopes_of(consents: tuple[Consent, ...]) -> frozenset[str]:
    return OWN_SCOPES & covered(frozenset[str]().union(*(consent.data_services for consent in consents)))


def _agreed(request: AccessRequest, facts: Facts, at: datetime) -> Agreed:
    """The live assents and mandates that cover the request (rules 6 and 7).

    The login itself needs a mandate with which this app can do anything. What asks for no kind of data of a source is
    covered by none.
    """
    source, client_id, asked = request.source, request.client.client_id, request.data_services
    services = None if source is None else asked
    live = (each for each in facts.mandates if each.live(at) and each.between(request.subject, request.actor))
    return Agreed(
        carrying(facts.assents, request.actor, request.subject, services, at),
        tuple(
            each
            for each in live
            if (
                each.for_client(client_id)
                if source is None
                else asked and asked <= each.services_at(client_id, source.identifier)
            )
        ),
    )


def _until(
    request: AccessRequest, consents: tuple[Consent, ...], ground: Ground, evidence: Evidence, at: datetime
) -> datetime:
    """The end of a permit. `evidence` is about the subject: it is their birthday that changes something."""
    life = ISSUER_TOKEN_LIFE if request.source is None else request.source.access_token_lifetime
    longest = LONGEST_TOKEN_LIFE if request.actor == request.subject else ACTING_TOKEN_LIFE
    ends = (
        at + min(life, longest),
        max(consent.until for consent in consents),
        request.session_ends_at,
        next_boundary(evidence.birth, at),
        *(assent.until for assent in ground.assents),
        None if ground.mandate is None else ground.mandate.ends_at,
    )
    return min(end for end in ends if end is not None)
