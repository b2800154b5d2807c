"""Finding the person whom staff mean: by reference, or by the BSN that somebody told them, never without an event.

The text comes from a form that was posted, and goes nowhere else: no address, log line or error repeats it.
"""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.errors import VadError
from vad.domain.identifiers import PersonId
from vad.domain.inquiry_events import PersonNotFound, PersonSought
from vad.domain.justification import Justification
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.ports.outside import PersonRegister
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import PersonReferences
from vad.services.typed_persons import referred_to, typed_bsn


class NobodyFoundError(VadError):
    """Nobody is known by what was typed."""


@dataclass(frozen=True, slots=True)
class FoundPersons:
    """The use case. Not for use inside a unit of work: a register may be asked."""

    work: UnitOfWorkFactory
    register: PersonRegister
    references: PersonReferences

    def find(self, member: StaffMember, action: StaffAction, text: str, why: Justification, at: datetime) -> PersonId:
        """Whom `text` names, for `action`. Who is in the BRP and not in VAD is written down, as at their first login.

        Raises `NobodyFoundError`, `NotPermittedError` and `OwnCaseError`; `RegisterUnavailableError` where the BRP must
        be asked and does not answer.
        """
        check(member, action)
        typed = text.strip()
        reference = referred_to(self.references, typed)
        if reference is None:
            reference = self._by_bsn(member, typed, why, at)
            check(member, action, (reference,))
            return reference
        check(member, action, (reference,))
        with self.work() as tx:
            if tx.persons.get(reference) is None:
                raise NobodyFoundError("no such reference")
        return reference

    def _by_bsn(self, member: StaffMember, typed: str, why: Justification, at: datetime) -> PersonId:
        bsn = typed_bsn(typed)
        if bsn is None:
            raise NobodyFoundError("neither a reference nor a BSN")
        known = self.register.look_up(bsn, at) is not None
        with self.work() as tx:
            found = tx.persons.find_or_add(bsn, at).person_id if known else None
            kind = PersonNotFound if found is None else PersonSought
            tx.audit.append(kind(staff=member.account, represented=found, erasable=why.erasable), at=at)
            tx.commit()
        if found is None:
            raise NobodyFoundError("the BRP knows nobody by it")
        return found
