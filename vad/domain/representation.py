"""For whom somebody may act, before they have said for whom they want to (rules 6, 8, 13, 17 and 34)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from vad.domain.access import AccessRequest, Deny, Facts, decide
from vad.domain.age import reached, years_old
from vad.domain.assent import AGE_OF_SAY, AGE_OF_SELF, carrying
from vad.domain.client import Client
from vad.domain.consent import Consent, Duration
from vad.domain.ground import Basis
from vad.domain.identifiers import ConsentId, PersonId, ResourceId
from vad.domain.mandate import Mandate, MandateState
from vad.domain.parental_authority import Holding, holding
from vad.domain.session import Session

_PRESUMED = ConsentId(UUID(int=0))


class WhyNot(StrEnum):
    """What somebody hears who cannot act for another.

    What anybody may know comes before what would tell that something was switched off or is being investigated.
    """

    DECIDES = "decides"
    """They are 16 or older."""
    CLOSED = "closed"
    """At their age no parent can act here, whatever they agree to."""
    HAS_SAY = "has_say"
    """They are 12 or older and have not agreed."""
    NO_AUTHORITY = "no_authority"
    ENDED = "ended"
    """The mandate that they gave is over."""
    OTHER_APP = "other_app"
    """The mandate that they gave is not for this app."""
    NEUTRAL = "neutral"
    """It cannot be said, or must not: one text for all that could be told by elimination."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody whose data the person may want to see."""

    person_id: PersonId
    name: str
    age: int | None
    """In whole years; None where it is not certain."""
    basis: Basis | None
    """The ground on which that is possible now; None: it is not."""
    why_not: WhyNot = WhyNot.NEUTRAL
    """What is said where it is not."""
    mandate: Mandate | None = None
    """The mandate of theirs that counts, or the last that did; None where they gave none."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Everybody whom the registers name, whether they can be chosen or not."""

    others: tuple[Choice, ...] = ()
    certain: bool = True
    """False: a register gave no answer, so somebody may be missing."""


def choice(  # noqa: PLR0913 - what a decision takes, and what there is to show
    client: Client,
    session: Session,
    subject: PersonId,
    name: str,
    facts: Facts,
    at: datetime,
    *,
    last: Mandate | None = None,
) -> Choice:
    """Whether this person could be chosen: what would be decided about the login itself if there were consent.

    `last` is the last mandate that they gave.
    """
    asked = AccessRequest(
        actor=session.person_id,
        subject=subject,
        client=client,
        source=None,
        data_services=frozenset(),
        level=session.level,
        session_ends_at=session.ends_at,
    )
    decision = decide(asked, presuming_consent(asked, facts, at), at)
    about = facts.represented.evidence if facts.represented else None
    age = None if about is None else years_old(about.birth, at)
    if isinstance(decision, Deny):
        why_not = _why_not(asked, facts, at) if last is None else _why_no_mandate(last, client, at)
        return Choice(subject, name, age, None, why_not, last)
    return Choice(subject, name, age, decision.basis, mandate=decision.mandate)


def _why_no_mandate(mandate: Mandate, client: Client, at: datetime) -> WhyNot:
    if mandate.standing(at) is not MandateState.ACTIVE:
        return WhyNot.ENDED
    return WhyNot.NEUTRAL if mandate.for_client(client.client_id) else WhyNot.OTHER_APP


def _why_not(asked: AccessRequest, facts: Facts, at: datetime) -> WhyNot:
    about = facts.represented
    if about is None or about.evidence is None:
        return WhyNot.NEUTRAL
    birth = about.evidence.birth
    if reached(birth, AGE_OF_SELF, at):
        return WhyNot.DECIDES
    if about.authority is not None and holding(about.actor, about.authority, at) is Holding.NONE:
        return WhyNot.NO_AUTHORITY
    if reached(birth, AGE_OF_SAY, at):
        if about.open_ages.to(birth, at) is False:
            return WhyNot.CLOSED
        if not carrying(facts.assents, asked.actor, asked.subject, None, at):
            return WhyNot.HAS_SAY
    return WhyNot.NEUTRAL


def presuming_consent(asked: AccessRequest, facts: Facts, at: datetime) -> Facts:
    """The facts as they would be if the person agreed now. Nothing is ever issued on them."""
    presumed = Consent(
        consent_id=_PRESUMED,
        person_id=asked.actor,
        subject=asked.subject,
        client_id=asked.client.client_id,
        resource=ResourceId("") if asked.source is None else asked.source.identifier,
        data_services=asked.data_services,
        duration=Duration.ONCE,
        given_at=at,
        until=at + timedelta(seconds=1),
    )
    return replace(facts, consents=(presumed,))
