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
from vad.domain.identifiers import MandateId
from vad.domain.mandate import MOST_WRONG_PER_DAY, MOST_WRONG_TRIES, WRONG_WITHIN, MoveError, Route
from vad.domain.mandate_code import MandateCode
from vad.domain.mandate_events import MandateCodeRefused, MandateReached
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.session import Session
from vad.services.mandate_notices import tell_of_request
from vad.services.mandates import event
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
    handles: Handles
    random: Randomness

    def reach(self, session: Session, text: str, birth: BirthDate | None, at: datetime) -> MandateId:
        """Bring the code to the person of this session, who then can answer. Again is no error.

        Raises `CodeRefusedError`; `MandateUnableError` for somebody's own code.
        """
        with self.work() as tx:
            tx.mandates.hold(session.person_id)
            self._check_pause(tx, session, at)
            code_hash = self._hash(text)
            if code_hash is None:
                # A slip of the pen, which the check character gives away: it says nothing of any code.
                raise CodeRefusedError(CodeFault.WRONG)
            coded = tx.mandates.by_code(code_hash)
            maker = None if coded is None else coded.mandate.maker
            if not _born(tx.persons.get(maker or session.person_id), birth) or coded is None:
                raise self._refused(tx, session, coded, at)
            return self._reached(tx, session, coded, at)

    def _check_pause(self, tx: UnitOfWork, session: Session, at: datetime) -> None:
        wrong = tx.audit.times(
            session.person_id, MandateCodeRefused.type, since=at - WRONG_WITHIN, limit=MOST_WRONG_PER_DAY
        )
        if len(wrong) >= MOST_WRONG_PER_DAY:
            raise CodeRefusedError(CodeFault.PAUSED, wrong[-1] + WRONG_WITHIN)

    def _hash(self, text: str) -> bytes | None:
        try:
            return self.handles.mandate_code_hash(MandateCode(text).reveal())
        except InvalidIdentifierError:
            return None

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
        try:
            if coded.wrong_tries >= MOST_WRONG_TRIES:
                raise MoveError("tried too often")  # noqa: TRY301 - one answer for all of these
            reached = mandate.reached(person, at)
        except MoveError:
            tx.audit.append(_refused(session, CodeFault.SPENT, coded), at=at)
            tx.commit()
            raise CodeRefusedError(CodeFault.SPENT) from None
        if not tx.mandates.keep(reached):
            raise MandateUnableError(Unable.MOVED_ON)
        tx.audit.append(event(MandateReached, reached, person, session), at=at)
        if reached.route is Route.REQUEST:
            tell_of_request(tx, reached, at)
        tx.commit()
        return reached.mandate_id


def _born(maker: Person | None, birth: BirthDate | None) -> bool:
    """Whether its maker was born then, as far as the register knows."""
    known = maker.evidence.birth if maker is not None and maker.evidence is not None else BirthDate()
    said = "" if birth is None else repr(birth)
    return known.year is not None and hmac.compare_digest(repr(known).encode(), said.encode())


def _refused(session: Session, why: CodeFault, coded: Coded | None) -> AuditEvent:
    evidence = {} if coded is None else {"mandate": str(coded.mandate.mandate_id)}
    return MandateCodeRefused(
        actor=session.person_id, represented=session.person_id, sid=session.sid, reason=why.value, evidence=evidence
    )
