"""Stopping a mandate by letter with the code of its second letter, without a DigiD (rule 23)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.age import BirthDate
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate, MandateState
from vad.domain.mandate_events import MandateCodeRefused, MandateDeclined
from vad.domain.mandate_letter import MOST_WRONG_STOPS
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.mandate_codes import CodeFault, CodeRefusedError, code_hashes, was_born
from vad.services.mandate_end import MandateEnd
from vad.services.mandate_moves import held, kept
from vad.services.mandate_notices import tell_both
from vad.services.mandates import event
from vad.services.ports.mandate_letters import StopCoded
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Randomness

BY_CODE, BY_PHONE = "stop_code", "stop_code_by_phone"
"""The reason of the event."""


@dataclass(frozen=True, slots=True)
class StopByCode:
    """The use case. Code and birth date are all there is: nobody is logged in, or somebody of the helpdesk is."""

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
            coded = self._right(tx, hashes, birth)
            if coded is None:
                tx.commit()
                raise CodeRefusedError(CodeFault.WRONG)
            if coded.wrong_tries >= MOST_WRONG_STOPS:
                raise CodeRefusedError(CodeFault.SPENT)
            stopped = self._stopped(tx, held(tx, coded.mandate_id), coded.addressee, BY_CODE, at)
            tx.commit()
        return stopped

    def stop_for_caller(self, member: StaffMember, text: str, birth: BirthDate | None, at: datetime) -> bool:
        """The same for somebody on the telephone, who is let stop it after too many wrong tries as well (rule 24).

        What staff try is an event, whatever comes of it. Raises `NotPermittedError`, `OwnCaseError`,
        `CodeRefusedError`.
        """
        check(member, StaffAction.MANDATES_STOP_BY_CODE)
        with self.work() as tx:
            hashes = code_hashes(self.handles, text)
            coded = self._right(tx, hashes, birth) if hashes else None
            if coded is None:
                tx.audit.append(MandateCodeRefused(staff=member.account, reason=CodeFault.WRONG.value), at=at)
                tx.commit()
                raise CodeRefusedError(CodeFault.WRONG)
            mandate = held(tx, coded.mandate_id)
            parties = () if mandate is None else (mandate.represented, mandate.representative)
            check(member, StaffAction.MANDATES_STOP_BY_CODE, [each for each in parties if each is not None])
            stopped = self._stopped(tx, mandate, member, BY_PHONE, at)
            tx.commit()
        return stopped

    def _right(self, tx: UnitOfWork, hashes: tuple[bytes, ...], birth: BirthDate | None) -> StopCoded | None:
        """What belongs to this code and birth date; None, and counted, where they do not belong together."""
        coded = tx.mandate_letters.by_stop_code(hashes)
        born = was_born(tx.persons.get(PersonId(self.random.uuid()) if coded is None else coded.addressee), birth)
        if coded is not None and born:
            return coded
        tx.mandate_letters.tried(MandateId(self.random.uuid()) if coded is None else coded.mandate_id)
        return None

    def _stopped(
        self, tx: UnitOfWork, mandate: Mandate | None, by: PersonId | StaffMember, reason: str, at: datetime
    ) -> bool:
        if mandate is None:
            return False
        match mandate.standing(at):
            case MandateState.ACTIVE:
                return self.end.of(tx, mandate, MandateState.REVOKED, at, by=by, reason=reason) is not None
            case MandateState.OFFERED:
                # The letter was read before the post service had answered that it has it.
                declined = kept(tx, mandate.moved(MandateState.DECLINED, at))
                tx.audit.append(event(MandateDeclined, declined, by, reason=reason), at=at)
                tell_both(tx, MandateDeclined, declined, at)
                return True
            case _:
                return False
