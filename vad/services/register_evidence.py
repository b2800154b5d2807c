"""Keeping what a register said of a person; a death that was not known before has its event."""

from datetime import datetime

from vad.domain.audit import PersonDeceased
from vad.domain.person import Evidence
from vad.services.ports.records import Person, UnitOfWork


def keep(tx: UnitOfWork, person: Person, evidence: Evidence, at: datetime) -> None:
    """Replace what is kept of this person, as read before the register was asked.

    Two at once may both write that they learned of a death: the log goes by the first.
    """
    tx.persons.keep_evidence(person.person_id, evidence)
    if evidence.deceased and not (person.evidence and person.evidence.deceased):
        told = evidence.as_record()
        tx.audit.append(PersonDeceased(represented=person.person_id, evidence=told), at=at)
