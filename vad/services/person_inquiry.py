"""Finding a person for staff, and showing who it is: with a reason, and never without an event (rule 40)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.age import BirthDate
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.inquiry_events import PersonNotFound, PersonSought, PersonUnmasked
from vad.domain.justification import Justification
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.names import Names
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import PersonReferences
from vad.services.typed_persons import referred_to
from vad.services.unmasking_limit import UnmaskingLimit


@dataclass(frozen=True, slots=True, repr=False)
class Unmasked:
    """Who somebody is. For one page, and nowhere else."""

    bsn: Bsn
    name: str | None
    """None while the register does not say."""
    birth: BirthDate | None


@dataclass(frozen=True, slots=True)
class PersonInquiry:
    """The use case. Raises `NotPermittedError`, `OwnCaseError`."""

    work: UnitOfWorkFactory
    references: PersonReferences
    names: Names
    limit: UnmaskingLimit

    def by_reference(self, member: StaffMember, typed: str) -> PersonId | None:
        """The person with this reference, or with this id as it stands in what was taken from the log."""
        check(member, StaffAction.MANDATES_SEARCH)
        person_id = referred_to(self.references, typed)
        if person_id is None:
            return None
        check(member, StaffAction.MANDATES_SEARCH, (person_id,))
        with self.work() as tx:
            return None if tx.persons.get(person_id) is None else person_id

    def by_bsn(self, member: StaffMember, bsn: Bsn, why: Justification, at: datetime) -> PersonId | None:
        """The person with this BSN; None where VAD knows nobody by it. Nobody is added by looking for them."""
        check(member, StaffAction.MANDATES_SEARCH)
        with self.work() as tx:
            found = tx.persons.find(bsn)
            person_id = None if found is None else found.person_id
            kind = PersonNotFound if person_id is None else PersonSought
            tx.audit.append(kind(staff=member.account, represented=person_id, erasable=why.erasable), at=at)
            tx.commit()
        if person_id is not None:
            check(member, StaffAction.MANDATES_SEARCH, (person_id,))
        return person_id

    def unmask(self, member: StaffMember, person_id: PersonId, why: Justification, at: datetime) -> Unmasked | None:
        """Show who this is. The event commits before anything is shown. Raises `TooManyShownError`."""
        check(member, StaffAction.PERSONS_UNMASK, (person_id,))
        with self.work() as tx:
            person = tx.persons.get(person_id)
            if person is None:
                return None
            self.limit.take(tx, member, StaffAction.PERSONS_UNMASK, person_id, at)
            tx.audit.append(PersonUnmasked(staff=member.account, represented=person_id, erasable=why.erasable), at=at)
            tx.commit()
        birth = None if person.evidence is None else person.evidence.birth
        return Unmasked(person.bsn, self.names.shown(person_id, at), birth)
