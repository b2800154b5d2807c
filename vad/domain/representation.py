"""For whom somebody may act, before they have said for whom they want to (rules 8, 13, 17 and 34)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from vad.domain.access import AccessRequest, Basis, Deny, Facts, decide
from vad.domain.age import years_old
from vad.domain.client import Client
from vad.domain.consent import Consent, Duration
from vad.domain.identifiers import ConsentId, PersonId, ResourceId
from vad.domain.parental_authority import Holding, holding
from vad.domain.session import Session

_PRESUMED = ConsentId(UUID(int=0))


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody whose data the person may want to see."""

    person_id: PersonId
    name: str
    age: int | None
    """In whole years; None where it is not certain."""
    basis: Basis | None
    """The ground on which that is possible now; None: it is not."""
    holding: Holding = Holding.INDETERMINATE
    """What the register says of the authority, whatever else is in the way."""


@dataclass(frozen=True, slots=True)
class Choices:
    """Everybody whom the registers name, whether they can be chosen or not."""

    others: tuple[Choice, ...] = ()
    certain: bool = True
    """False: a register gave no answer, so somebody may be missing."""


def choice(client: Client, session: Session, subject: PersonId, name: str, facts: Facts, at: datetime) -> Choice:
    """Whether this person could be chosen: what would be decided about the login itself if there were consent."""
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
    held = Holding.INDETERMINATE
    if facts.represented is not None and facts.represented.authority is not None:
        held = holding(facts.represented.actor, facts.represented.authority, at)
    return Choice(subject, name, age, None if isinstance(decision, Deny) else decision.basis, held)


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
    return Facts(facts.evidence, (presumed,), facts.blocks, facts.represented)
