"""Asking for a mandate by letter, of somebody without a DigiD (rule 23).

Whoever asks hears the same, in the same time, whether or not there is such a person: the register is asked afterwards,
by the worker.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import MOST_OPEN, Mandate, Route
from vad.domain.mandate_events import MandateLetterAddressed, MandateLetterAsked, MandateLetterWithheld
from vad.domain.mandate_letter import A_DAY, A_YEAR, Addressee, LetterRules, Withheld, check_not_too_soon, withheld
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.notice import Notice
from vad.domain.session import Session
from vad.services.mandate_moves import check_possible
from vad.services.mandates import Mandates, Wanted, event
from vad.services.notifications import tell
from vad.services.ports.outbox import OutboxMessage
from vad.services.ports.outside import PersonRegister
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.register_evidence import keep

MANDATE_LETTER: Final = "mandate_letter"
"""Kind of outbox message: somebody asked for a letter. It holds `mandate_id`, no more."""


@dataclass(frozen=True, slots=True)
class MandatesByLetter:
    """The use case. Raises as `Mandates` does."""

    work: UnitOfWorkFactory
    making: Mandates
    rules: LetterRules

    def check_end(self, ends_at: datetime, at: datetime) -> None:
        """Raise `TermError` for an end that comes before it could have begun."""
        check_not_too_soon(ends_at, self.rules.wait, at)

    def ask(self, session: Session, wanted: Wanted, asked: Addressee, at: datetime) -> Mandate:
        """The person of this session asks somebody without a DigiD to let them act for them."""
        person_id = session.person_id
        self.making.parties.check_representative(person_id, at)
        drawn = self.making.drawn(session, Route.LETTER, wanted, at)
        self.check_end(drawn.ends_at, at)
        with self.work() as tx:
            tx.mandates.hold(person_id)
            self._check(tx, person_id, asked, at)
            tx.mandates.add(drawn, None)
            tx.mandate_letters.add(drawn.mandate_id, asked)
            tx.outbox.add(MANDATE_LETTER, {"mandate_id": str(drawn.mandate_id)}, at)
            tx.audit.append(event(MandateLetterAsked, drawn, person_id, session), at=at)
            tx.commit()
        return drawn

    def _check(self, tx: UnitOfWork, person_id: PersonId, asked: Addressee, at: datetime) -> None:
        person = tx.persons.get(person_id)
        if person is None or person.bsn == asked.bsn:
            raise MandateUnableError(Unable.ONESELF)
        since, most = at - A_DAY, self.rules.asked_per_day
        if len(tx.audit.times(person_id, MandateLetterAsked.type, since=since, limit=most)) >= most:
            raise MandateUnableError(Unable.TOO_MANY_LETTERS)
        if tx.mandates.waiting(person_id, at) >= MOST_OPEN:
            raise MandateUnableError(Unable.TOO_MANY)


@dataclass(frozen=True, slots=True)
class LetterRequests:
    """`vad.services.deliveries.Deliverer` for messages of kind `mandate_letter`: finds out to whom a letter goes."""

    work: UnitOfWorkFactory
    register: PersonRegister
    grantor_age: int
    rules: LetterRules

    def __call__(self, message: OutboxMessage, at: datetime) -> None:
        """Queue the letter, or none. Either way what was written of the person is gone then."""
        mandate_id = MandateId(UUID(str(message.payload["mandate_id"])))
        with self.work() as tx:
            mandate, letter = tx.mandates.get(mandate_id), tx.mandate_letters.get(mandate_id)
            if mandate is None or letter is None or letter.asked is None:
                return
            if not mandate.open(at):
                # Taken back, or too late: nobody is asked about this person any more.
                self._withhold(tx, mandate, None, at)
                tx.commit()
                return
        found = self.register.look_up(letter.asked.bsn, at)
        evidence = None if found is None else found.evidence
        why = withheld(letter.asked, evidence, self.grantor_age, at)
        with self.work() as tx:
            mandate, letter = tx.mandates.get(mandate_id), tx.mandate_letters.get(mandate_id)
            if mandate is None or letter is None or letter.asked is None:
                return
            if why is not None or evidence is None or not mandate.open(at):
                self._withhold(tx, mandate, why, at)
            else:
                person = tx.persons.find_or_add(letter.asked.bsn, at)
                keep(tx, person, evidence, at)
                tx.mandates.hold(person.person_id)
                why = self._in_the_way(tx, mandate, person.person_id, at)
                if why is None:
                    self._address(tx, mandate, person.person_id, at)
                else:
                    self._withhold(tx, mandate, why, at)
            tx.commit()

    def _address(self, tx: UnitOfWork, mandate: Mandate, addressee: PersonId, at: datetime) -> None:
        tx.mandate_letters.address(mandate.mandate_id, addressee)
        tell(tx, addressee, Notice.MANDATE_CODE, at, about=str(mandate.mandate_id))
        tx.audit.append(event(MandateLetterAddressed, replace(mandate, represented=addressee), None), at=at)

    def _withhold(self, tx: UnitOfWork, mandate: Mandate, why: Withheld | None, at: datetime) -> None:
        tx.mandate_letters.address(mandate.mandate_id, None)
        reason = mandate.standing(at).value if why is None else why.value
        tx.audit.append(event(MandateLetterWithheld, mandate, None, reason=reason), at=at)

    def _in_the_way(self, tx: UnitOfWork, mandate: Mandate, addressee: PersonId, at: datetime) -> Withheld | None:
        """Why this person, who exists and could give it, gets no letter all the same."""
        try:
            check_possible(tx, replace(mandate, represented=addressee), at, told=addressee)
        except MandateUnableError as error:
            return Withheld.SAME if error.why is Unable.SAME else Withheld.SWITCHED_OFF
        sent = tx.notices.count(addressee, Notice.MANDATE_CODE, at - A_YEAR)
        return Withheld.ENOUGH if sent >= self.rules.per_year else None
