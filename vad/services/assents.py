"""What a young person lets each parent see: showing it, agreeing to more, and stopping (rules 7 and 19)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.age import BirthDate, reached
from vad.domain.assent import (
    AGE_OF_OWN_DIGID,
    AGE_OF_SAY,
    AGE_OF_SELF,
    LEVEL_TO_ASSENT,
    Assent,
    OpenAges,
    end_of_assent,
)
from vad.domain.audit import AssentGiven, AssentWithdrawn, AuditEvent
from vad.domain.block import BlockKind, PlacedBy
from vad.domain.client import DataService
from vad.domain.identifiers import AssentId, Bsn, PersonId
from vad.domain.notice import Notice
from vad.domain.parental_authority import Holding, holding
from vad.domain.session import Session
from vad.services.given_consents import ended_with
from vad.services.names import Names
from vad.services.notifications import tell
from vad.services.ports.outside import RegisteredSubject
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Randomness
from vad.services.reaching import reach_of
from vad.services.representation import Representation
from vad.services.security_events import SecurityEvents


class Concern(StrEnum):
    """What the page is to the person who opens it."""

    OPEN = "open"
    CLOSED = "closed"
    """This installation lets no parent act for somebody of this age."""
    YOUNGER = "younger"
    OLDER = "older"
    """Sixteen: what parents could see has ended."""
    UNKNOWN = "unknown"
    """The register does not say how old the person is."""


@dataclass(frozen=True, slots=True)
class Parent:
    """One parent, as the page shows them."""

    handle: str
    """Names them in a form; of no use in another login."""
    name: str | None
    allowed: tuple[DataService, ...]
    possible: tuple[DataService, ...]
    """What could be allowed as well; nothing for somebody who holds no authority any more."""


@dataclass(frozen=True, slots=True)
class Family:
    """Everything that the page shows."""

    concern: Concern
    parents: tuple[Parent, ...] = ()
    certain: bool = True
    """False: the register does not say now who holds authority."""
    until: datetime | None = None
    """When the young person is sixteen."""
    by_letter: bool = False
    """At this age a parent may hold the DigiD that agrees, so a letter tells the child as well (rule 19)."""
    off: bool = False
    """They switched off that anybody acts for them: nobody sees anything, whatever they agreed to."""


@dataclass(frozen=True, slots=True)
class OwnAssents:
    """The use case."""

    work: UnitOfWorkFactory
    registrations: Registrations
    representation: Representation
    names: Names
    handles: Handles
    random: Randomness
    security_events: SecurityEvents

    @property
    def open_ages(self) -> OpenAges:
        """At which ages this installation is open."""
        return self.representation.open_ages

    def concerns(self, session: Session, at: datetime) -> bool:
        """Whether the person of this session is of an age at which there is something to see here."""
        with self.work() as tx:
            person = tx.persons.get(session.person_id)
        birth = person.evidence.birth if person is not None and person.evidence is not None else BirthDate()
        return reached(birth, AGE_OF_SAY, at) is True and reached(birth, AGE_OF_SELF, at) is not True

    def of(self, session: Session, at: datetime) -> Family:
        """Who may see what. Raises nothing for a register that is away: what was agreed to can be stopped all the same.

        A login below the level at which a child agrees sees nothing: see `strong_enough`.
        """
        if not strong_enough(session):
            return Family(Concern.UNKNOWN)
        with self.work() as tx:
            person = tx.persons.get(session.person_id)
            live = tx.assents.live(session.person_id, at)
            blocks = tx.blocks.of(session.person_id)
        known = person.evidence if person is not None else None
        if known is None or known.doubtful or known.deceased:
            return Family(Concern.UNKNOWN)
        concern = self._concern(known.birth, at)
        if concern is not Concern.OPEN:
            return Family(concern)
        # Only now: nobody asks a register who holds authority over a grown-up.
        found = self.representation.subject(session.person_id, at)
        holders = self._holders(found, at)
        parents = [self._parent(session, each, live, at, holds=True) for each in holders]
        # Who holds no authority any more can still be taken off the list.
        left = dict.fromkeys(assent.actor for assent in live if assent.actor not in holders)
        parents += [self._parent(session, each, live, at, holds=False) for each in left]
        off = any(block.kind is BlockKind.REPRESENTATION and block.placed_by is PlacedBy.SUBJECT for block in blocks)
        by_letter = reached(known.birth, AGE_OF_OWN_DIGID, at) is not True
        return Family(concern, tuple(parents), found is not None, end_of_assent(known.birth), by_letter, off)

    def parent(self, family: Family, handle: str) -> Parent | None:
        """The parent of this handle; None where nobody has it."""
        return next((each for each in family.parents if each.handle == handle), None)

    def give(self, session: Session, handle: str, chosen: frozenset[str], at: datetime) -> bool:
        """Let this parent see these kinds of data. False, and nothing is done, where that cannot be chosen now."""
        family = self.of(session, at)
        parent, until = self.parent(family, handle), family.until
        possible = {service.id for service in parent.possible} if parent is not None else set()
        if until is None or not chosen or not chosen <= possible:
            return False
        actor = self._named(session, handle, at)
        if actor is None:
            return False
        assents = [
            Assent(AssentId(self.random.uuid()), session.person_id, actor, service, session.level, at, until)
            for service in sorted(chosen)
        ]
        with self.work() as tx:
            added = [assent for assent in assents if tx.assents.add(assent)]
            if added:
                tx.audit.append(*(_event(AssentGiven, assent, session) for assent in added), at=at)
                if family.by_letter:
                    tell(tx, session.person_id, Notice.OWN_CONSENT_GIVEN, at, about=str(added[0].assent_id))
            tx.commit()
        return True

    def stop(self, session: Session, handle: str, data_service: str, at: datetime) -> bool:
        """Let this parent see this kind of data no more, from this moment on; empty: nothing at all.

        With the last kind the parent's consents for apps about this person end too: who is let see again consents anew.
        False where there is nothing to stop. No register is asked, and no age looked at: whoever agreed can stop.
        """
        if not strong_enough(session):
            return False
        with self.work() as tx:
            actors = {assent.actor for assent in tx.assents.live(session.person_id, at)}
        actor = {self._handle(session, each): each for each in actors}.get(handle)
        if actor is None:
            return False
        with self.work() as tx:
            left = {each.data_service for each in tx.assents.live(session.person_id, at) if each.actor == actor}
            # While the consents stand by which it is known where tokens are out.
            self.security_events.mandate_revoked(tx, session.person_id, actor, at)
            # Consents first, as what issues holds them: whoever stops and whoever issues wait for each other.
            whole = not data_service or left <= {data_service}
            consents = tx.consents.withdraw_acting(actor, session.person_id, at) if whole else ()
            ended = tx.assents.withdraw(session.person_id, actor, data_service or None, at)
            if not ended:
                # Somebody was first: nothing of this is written.
                return False
            tx.audit.append(*(_event(AssentWithdrawn, assent, session) for assent in ended), at=at)
            tx.audit.append(*(ended_with(each, "assent_ended", {}) for each in consents), at=at)
            tx.commit()
        return True

    def _concern(self, birth: BirthDate, at: datetime) -> Concern:
        if reached(birth, AGE_OF_SELF, at):
            return Concern.OLDER
        match reached(birth, AGE_OF_SAY, at), self.open_ages.to(birth, at):
            case False, _:
                return Concern.YOUNGER
            case True, False:
                return Concern.CLOSED
            case True, True if reached(birth, AGE_OF_SELF, at) is False:
                return Concern.OPEN
        return Concern.UNKNOWN

    def _holders(self, found: RegisteredSubject | None, at: datetime) -> tuple[PersonId, ...]:
        """Who holds authority by the register's own word, rule 16 and nothing else."""
        if found is None:
            return ()
        authority = found.authority
        named = {bsn for relation in authority.relations for bsn in relation.holders}
        holders = [bsn for bsn in named if holding(bsn, authority, at) is Holding.HOLDER]
        with self.work() as tx:
            # In one order everywhere: they may be logging in for the first time.
            known = tuple(tx.persons.find_or_add(bsn, at).person_id for bsn in sorted(holders, key=Bsn.reveal))
            tx.commit()
        return known

    def _parent(
        self, session: Session, actor: PersonId, live: Iterable[Assent], at: datetime, *, holds: bool
    ) -> Parent:
        given = {assent.data_service for assent in live if assent.actor == actor}
        services = sorted(self.registrations.data_services(), key=lambda service: service.id)
        kinds = reach_of(self.registrations).kinds
        return Parent(
            self._handle(session, actor),
            self.names.shown(actor, at),
            tuple(service for service in services if service.id in given),
            tuple(service for service in services if holds and service.id in kinds - given),
        )

    def _named(self, session: Session, handle: str, at: datetime) -> PersonId | None:
        """Who among those that hold authority has this handle."""
        holders = self._holders(self.representation.subject(session.person_id, at), at)
        return {self._handle(session, each): each for each in holders}.get(handle)

    def _handle(self, session: Session, person_id: PersonId) -> str:
        return self.handles.owner(person_id, session.sid)


def strong_enough(session: Session) -> bool:
    """Whether this login is one in which a child can agree."""
    return session.level >= LEVEL_TO_ASSENT


def _event(kind: type[AuditEvent], assent: Assent, session: Session) -> AuditEvent:
    return kind(
        actor=assent.subject,
        represented=assent.subject,
        sid=session.sid,
        evidence={
            "assent": str(assent.assent_id),
            "parent": str(assent.actor),
            "data_service": assent.data_service,
            "acr": session.level.uri,
            "until": assent.until.isoformat(),
        },
    )
