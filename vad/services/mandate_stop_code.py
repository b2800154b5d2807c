"""Stopping a mandate by letter with the code of its second letter, without a DigiD (rule 23)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.age import BirthDate
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import MandateState
from vad.domain.mandate_events import MandateDeclined
from vad.domain.mandate_letter import MOST_WRONG_STOPS
from vad.services.mandate_codes import CodeFault, CodeRefusedError, code_hashes, was_born
from vad.services.mandate_end import MandateEnd
from vad.services.mandate_moves import held, kept
from vad.services.mandate_notices import tell_both
from vad.services.mandates import event
from vad.services.ports.mandate_letters import StopCoded
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Randomness

BY_CODE = "stop_code"
"""The reason of the event."""


@dataclass(frozen=True, slots=True)
class StopByCode:
    """The use case. Nobody is logged in: code and birth date are all there is."""

    work: UnitOfWorkFactory
    handles: Handles
    random: Randomness
    end: MandateEnd

    def stop(self, text: str, birth: BirthDate | None, at: datetime) -> bool:
        """Stop it at once; False where it was over already. Raises `CodeRefusedError`.

        No such code and a wrong birth date are one answer, at the price of the same statements, and leave no event:
        what strangers try is counted, and not written down for good.
        """
        hashes = code_hashes(self.handles, text)
        if not hashes:
            raise CodeRefusedError(CodeFault.WRONG)
        with self.work() as tx:
            coded = tx.mandate_letters.by_stop_code(hashes)
            born = was_born(tx.persons.get(PersonId(self.random.uuid()) if coded is None else coded.addressee), birth)
            if coded is None or not born:
                tx.mandate_letters.tried(MandateId(self.random.uuid()) if coded is None else coded.mandate_id)
                tx.commit()
                raise CodeRefusedError(CodeFault.WRONG)
            if coded.wrong_tries >= MOST_WRONG_STOPS:
                raise CodeRefusedError(CodeFault.SPENT)
            stopped = self._stopped(tx, coded, at)
            tx.commit()
        return stopped

    def _stopped(self, tx: UnitOfWork, coded: StopCoded, at: datetime) -> bool:
        mandate = held(tx, coded.mandate_id)
        if mandate is None:
            return False
        match mandate.standing(at):
            case MandateState.ACTIVE:
                over = self.end.of(tx, mandate, MandateState.REVOKED, at, by=coded.addressee, reason=BY_CODE)
                return over is not None
            case MandateState.OFFERED:
                # The letter was read before the post service had answered that it has it.
                declined = kept(tx, mandate.moved(MandateState.DECLINED, at))
                tx.audit.append(event(MandateDeclined, declined, coded.addressee, reason=BY_CODE), at=at)
                tell_both(tx, MandateDeclined, declined, at)
                return True
            case _:
                return False
