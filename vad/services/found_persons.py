"""Finding the person whom staff mean: by reference, or by the BSN that somebody told them (rule 40).

The text comes from a form that was posted, and goes nowhere else: no address, log line or error repeats it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vad.domain.errors import InvalidIdentifierError, VadError
from vad.domain.identifiers import Bsn, PersonId
from vad.services.ports.outside import PersonRegister
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import PersonReferences


class NobodyFoundError(VadError):
    """Nobody is known by what was typed."""


@dataclass(frozen=True, slots=True)
class FoundPersons:
    """The use case. Not for use inside a unit of work: a register may be asked."""

    work: UnitOfWorkFactory
    register: PersonRegister
    references: PersonReferences

    def find(self, text: str, at: datetime) -> PersonId:
        """Whom `text` names. Somebody whom the BRP knows and VAD does not is written down, as at their first login.

        Raises `NobodyFoundError`; `RegisterUnavailableError` where the BRP must be asked and does not answer.
        """
        typed = text.strip()
        reference = self.references.person(typed) or _id(typed)
        if reference is None:
            return self._by_bsn(typed, at)
        with self.work() as tx:
            if tx.persons.get(reference) is None:
                raise NobodyFoundError("no such reference")
        return reference

    def _by_bsn(self, typed: str, at: datetime) -> PersonId:
        try:
            bsn = Bsn("".join(typed.replace(".", "").split()))
        except InvalidIdentifierError:
            raise NobodyFoundError("neither a reference nor a BSN") from None
        if self.register.look_up(bsn, at) is None:
            raise NobodyFoundError("the BRP knows nobody by it")
        with self.work() as tx:
            person = tx.persons.find_or_add(bsn, at)
            tx.commit()
        return person.person_id


def _id(typed: str) -> PersonId | None:
    """The id itself, as it stands in what was taken from the log."""
    try:
        return PersonId(UUID(typed))
    except ValueError:
        return None
