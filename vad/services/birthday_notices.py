"""Telling parent and child that a birthday is near on which the child's rights change (rule 12).

A birthday is noted when a parent asks for whom they may act. From its month on the worker looks at it once a day, and
asks the register once a notice is due: nobody is told about a child who died, nor a parent who holds no authority.
On the day itself nothing needs to happen: the decision looks at the age.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vad.domain import birthday
from vad.domain.age import AMSTERDAM
from vad.domain.birthday import AHEAD, TURNING, Watch
from vad.domain.errors import RegisterUnavailableError
from vad.domain.identifiers import PersonId
from vad.domain.parental_authority import Holding, holding
from vad.services.notifications import tell
from vad.services.ports.outside import PersonRegister, RegisteredSubject
from vad.services.ports.records import Person, UnitOfWork, UnitOfWorkFactory
from vad.services.register_evidence import keep

_BATCH: Final = 20
"""Birthdays in one round: each may take a question to the register."""


def note(tx: UnitOfWork, holder: PersonId, children: Iterable[tuple[Person, RegisteredSubject]], at: datetime) -> None:
    """Note the birthdays of children that a register named to a parent; their dates of birth are kept sealed."""
    today = at.astimezone(AMSTERDAM).date()
    for child, said in children:
        evidence = said.person.evidence
        if evidence.deceased:
            continue
        added = tx.birthdays.watch(birthday.watches(child.person_id, holder, evidence.birth, today))
        if added and child.evidence is None:
            tx.persons.keep_evidence(child.person_id, evidence)


@dataclass(frozen=True, slots=True)
class BirthdayNotices:
    """The use case of the worker. Any number of workers may run it at once."""

    work: UnitOfWorkFactory
    register: PersonRegister

    def tell(self, at: datetime) -> int:
        """Look at some birthdays whose month has come, and tell whom there is something to tell; returns how many.

        While the register is away a notice waits for the next day.
        """
        today = at.astimezone(AMSTERDAM).date()
        with self.work() as tx:
            taken = tx.birthdays.take(today, _BATCH)
            tx.commit()
        # Only now: one that nobody can read must not be taken again and again, with all that come after it.
        for watch in taken:
            self._look(watch, at)
        return len(taken)

    def _look(self, watch: Watch, at: datetime) -> None:
        today = at.astimezone(AMSTERDAM).date()
        with self.work() as tx:
            child, holder = tx.persons.get(watch.child), tx.persons.get(watch.holder)
        if child is None or holder is None:
            return
        due = None if child.evidence is None else birthday.due(child.evidence.birth, watch.years, today)
        if due is not None and due <= watch.told:
            return
        if due is not None:
            try:
                said = self.register.look_up_subject(child.bsn, at)
            except RegisterUnavailableError:
                return
            if said is not None and said.person.evidence.deceased:
                with self.work() as tx:
                    keep(tx, child, said.person.evidence, at)
                    tx.commit()
            due = _due_now(watch, said, holder, at)
            if due is not None and due <= watch.told:
                return  # the register has another date now than the one that was kept
        with self.work() as tx:
            if due is not None:
                about, (to_parent, to_child) = f"{watch.years} {AHEAD[due - 1]}", TURNING[watch.years]
                tell(tx, watch.holder, to_parent, at, about=f"{watch.child} {about}")
                tell(tx, watch.child, to_child, at, about=about)
                tx.birthdays.told(watch, due)
            if due is None or due == len(AHEAD):
                tx.birthdays.forget(watch)
            tx.commit()


def _due_now(watch: Watch, said: RegisteredSubject | None, holder: Person, at: datetime) -> int | None:
    """As `birthday.due`, by what the register says now; None where there is no child to tell of, or not this parent."""
    if said is None or said.person.evidence.deceased:
        return None
    if holding(holder.bsn, said.authority, at) is not Holding.HOLDER:
        return None
    return birthday.due(said.person.evidence.birth, watch.years, at.astimezone(AMSTERDAM).date())
