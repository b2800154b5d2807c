"""Bringing a code: from then on an offer or a request is between two people (rule 24).

A code that is not there and a birth date that is wrong are one answer, at the price of the same statements. That a code
was used, or is too old, hears only who has both.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from vad.domain.age import BirthDate
from vad.domain.audit import AuditEvent
from vad.domain.errors import InvalidIdentifierError, VadError
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import (
    MOST_WRONG_PER_DAY,
    MOST_WRONG_TRIES,
    WRONG_WITHIN,
    Mandate,
    MandateState,
    MoveError,
    Route,
)
from vad.domain.mandate_code import MandateCode
from vad.domain.mandate_events import MandateCodeRefused, MandateOffered, MandateReached
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.notice import Notice
from vad.domain.session import Session
from vad.services.mandate_moves import check_possible, kept
from vad.services.mandate_notices import tell_of_request
from vad.services.mandate_parties import MandateParties
from vad.services.mandates import event
from vad.services.notifications import tell
from vad.services.ports.mandates import Coded
from vad.services.ports.records import Person, UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Randomness


class CodeFault(StrEnum):
    """Why a code was of no use."""

    WRONG = "wrong"
    """Not there, or not with this birth date."""
    SPENT = "spent"
    """Used before, too old, or tried too often with a wrong birth date."""
    PAUSED = "paused"
    """This person brought too many wrong codes."""


class CodeRefusedError(VadError):
    """A code was of no use."""

    def __init__(self, why: CodeFault, until: datetime | None = None) -> None:
        super().__init__(why)
        self.why: CodeFault = why
        self.until = until
        """When somebody who must pause may try again."""


@dataclass(frozen=True, slots=True)
class MandateCodes:
    """The use case."""

    work: UnitOfWorkFactory
    parties: MandateParties
    handles: Handles
    random: Randomness

    def reach(self, session: Session, text: str, birth: BirthDate | None, at: datetime) -> MandateId:
        """Bring the code to the person of this session, who then can answer. Again is no error.

        The code of a letter is the answer itself: what is left is the letter that says how to stop.
        Raises `CodeRefusedError`; `MandateUnableError` for somebody's own code, and for what stands in a letter's way.
        """
        with self.work() as tx:
            coded = self._right(tx, session, text, birth, at)
            if coded.mandate.route is not Route.LETTER:
                return self._reached(tx, session, coded, at)
        if not _taken_up(coded.mandate):
            self._check_letter(coded, at)
            with self.work() as tx:
                self._take_up(tx, session, self._right(tx, session, text, birth, at, coded.giver), at)
        return coded.mandate.mandate_id

    def _right(
        self,
        tx: UnitOfWork,
        session: Session,
        text: str,
        birth: BirthDate | None,
        at: datetime,
        giver: PersonId | None = None,
    ) -> Coded:
        """What belongs to this code, which is right and comes with the right birth date. `giver`: held as well."""
        tx.mandates.hold(session.person_id, *((giver,) if giver else ()))
        self._check_pause(tx, session, at)
        hashes = code_hashes(self.handles, text)
        if not hashes:
            # A slip of the pen, which the check character gives away: it says nothing of any code.
            raise CodeRefusedError(CodeFault.WRONG)
        coded = tx.mandates.by_code(hashes)
        giver = None if coded is None else coded.giver
        born = was_born(tx.persons.get(giver or session.person_id), birth)
        if coded is None or not born or not coded.for_person(session.person_id):
            raise self._refused(tx, session, coded, at)
        return coded

    def _check_pause(self, tx: UnitOfWork, session: Session, at: datetime) -> None:
        wrong = tx.audit.times(
            session.person_id, MandateCodeRefused.type, since=at - WRONG_WITHIN, limit=MOST_WRONG_PER_DAY
        )
        if len(wrong) >= MOST_WRONG_PER_DAY:
            raise CodeRefusedError(CodeFault.PAUSED, wrong[-1] + WRONG_WITHIN)

    def _refused(self, tx: UnitOfWork, session: Session, coded: Coded | None, at: datetime) -> CodeRefusedError:
        # Where there is no such code, a statement that finds nothing takes as long.
        tx.mandates.tried(MandateId(self.random.uuid()) if coded is None else coded.mandate.mandate_id)
        tx.audit.append(_refused(session, CodeFault.WRONG, coded), at=at)
        tx.commit()
        return CodeRefusedError(CodeFault.WRONG)

    def _reached(self, tx: UnitOfWork, session: Session, coded: Coded, at: datetime) -> MandateId:
        mandate, person = coded.mandate, session.person_id
        if mandate.maker == person:
            raise MandateUnableError(Unable.ONESELF)
        if mandate.other == person and mandate.open(at):
            return mandate.mandate_id
        reached = self._used(tx, session, coded, person, at)
        if not tx.mandates.keep(reached):
            raise MandateUnableError(Unable.MOVED_ON)
        tx.audit.append(event(MandateReached, reached, person, session), at=at)
        if reached.route is Route.REQUEST:
            tell_of_request(tx, reached, at)
        tx.commit()
        return reached.mandate_id

    def _used(self, tx: UnitOfWork, session: Session, coded: Coded, reached: PersonId, at: datetime) -> Mandate:
        """The mandate once its code has reached this person. Raises for a code that is of no use any more."""
        try:
            if coded.wrong_tries >= MOST_WRONG_TRIES:
                raise MoveError("tried too often")  # noqa: TRY301 - one answer for all of these
            return coded.mandate.reached(reached, at)
        except MoveError:
            tx.audit.append(_refused(session, CodeFault.SPENT, coded), at=at)
            tx.commit()
            raise CodeRefusedError(CodeFault.SPENT) from None

    def _check_letter(self, coded: Coded, at: datetime) -> None:
        """Ask the register about both: neither of them has another moment at which it is asked."""
        giver, representative = coded.giver, coded.mandate.representative
        if giver is None or representative is None:
            raise MandateUnableError(Unable.MOVED_ON)
        self.parties.check_representative(representative, at)
        try:
            self.parties.check_grantor(giver, at)
        except MandateUnableError as error:
            # Whoever brings the code does not hear what is the matter with somebody else.
            why = Unable.UNSURE if error.why is Unable.UNSURE else Unable.NEUTRAL
            raise MandateUnableError(why) from None

    def _take_up(self, tx: UnitOfWork, session: Session, coded: Coded, at: datetime) -> None:
        """Handing over the code was the consent (rule 23): what is left is to tell them by letter how to stop it."""
        giver, representative = coded.giver, coded.mandate.representative
        if giver is None or representative is None:
            raise MandateUnableError(Unable.MOVED_ON)
        if _taken_up(coded.mandate):
            return
        reached = self._used(tx, session, coded, giver, at)
        check_possible(tx, reached, at, told=representative)
        offered = reached.moved(MandateState.OFFERED, at)
        kept(tx, reached)
        kept(tx, offered)
        tx.audit.append(
            event(MandateReached, reached, session.person_id, session),
            event(MandateOffered, offered, giver, reason="by_letter"),
            at=at,
        )
        tell(tx, giver, Notice.MANDATE_STOP_CODE, at, about=str(offered.mandate_id))
        tx.commit()


def _taken_up(mandate: Mandate) -> bool:
    return mandate.state in {MandateState.OFFERED, MandateState.ACTIVE}


def code_hashes(handles: Handles, text: str) -> tuple[bytes, ...]:
    """The keyed hashes of what somebody wrote; none for what can't be a code."""
    try:
        return handles.mandate_code_hashes(MandateCode(text).reveal())
    except InvalidIdentifierError:
        return ()


def was_born(maker: Person | None, birth: BirthDate | None) -> bool:
    """Whether this person was born then, as far as the register knows."""
    known = maker.evidence.birth if maker is not None and maker.evidence is not None else BirthDate()
    said = "" if birth is None else repr(birth)
    return known.year is not None and hmac.compare_digest(repr(known).encode(), said.encode())


def _refused(session: Session, why: CodeFault, coded: Coded | None) -> AuditEvent:
    evidence = {} if coded is None else {"mandate": str(coded.mandate.mandate_id)}
    return MandateCodeRefused(
        actor=session.person_id, represented=session.person_id, sid=session.sid, reason=why.value, evidence=evidence
    )
