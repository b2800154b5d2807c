"""Answering an offer or a request: accepting it, agreeing to it, or saying no (rules 20, 23, 25 and 26)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vad.domain.identifiers import MandateId
from vad.domain.mandate import Mandate, MandateState, MoveError, Route
from vad.domain.mandate_events import MandateAccepted, MandateDeclined, MandateOffered
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.session import Session
from vad.services.mandate_end import MandateEnd
from vad.services.mandate_moves import check_possible, held, kept
from vad.services.mandate_notices import tell_both
from vad.services.mandate_parties import MandateParties
from vad.services.mandates import event
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory

_ANSWERED_ELSEWHERE = frozenset({Route.LETTER, Route.LEGAL})
"""The code of a letter is its answer; and staff answer what staff propose."""


@dataclass(frozen=True, slots=True)
class MandateAnswers:
    """The use case. Raises `MandateUnableError`; one of several who answer at once is the first."""

    work: UnitOfWorkFactory
    parties: MandateParties
    end: MandateEnd

    def waiting(self, session: Session, mandate_id: MandateId, at: datetime) -> Mandate | None:
        """What this person may answer now; None where there is no such thing, or it is not theirs to answer."""
        with self.work() as tx:
            mandate = tx.mandates.get(mandate_id)
        if mandate is None or mandate.route in _ANSWERED_ELSEWHERE or mandate.other != session.person_id:
            return None
        return mandate if mandate.open(at) else None

    def accept(self, session: Session, mandate_id: MandateId, at: datetime) -> Mandate:
        """Accept an offer: from now on the person of this session may act."""
        self._mine(session, mandate_id, Route.OFFER, at)
        self.parties.check_representative(session.person_id, at)
        with self.work() as tx:
            offered = self._held(tx, session, mandate_id, at)
            return self._activate(tx, session, offered, at)

    def agree(
        self, session: Session, mandate_id: MandateId, wanted: Collection[UUID], ends_at: datetime | None, at: datetime
    ) -> Mandate:
        """Agree to a request, to these of its permissions, until this end: from now on the one who asked may act."""
        self._mine(session, mandate_id, Route.REQUEST, at)
        self.parties.check_grantor(session.person_id, at)
        with self.work() as tx:
            mandate = self._held(tx, session, mandate_id, at)
            asked = {each.permission_id for each in mandate.permissions}
            if not wanted or not asked.issuperset(wanted):
                raise MandateUnableError(Unable.NOTHING)
            try:
                if asked != set(wanted):
                    mandate = kept(tx, mandate.narrowed(wanted, at))
                if ends_at is not None and ends_at != mandate.ends_at:
                    mandate = kept(tx, mandate.ending(ends_at, at))
                mandate = kept(tx, mandate.moved(MandateState.OFFERED, at))
            except MoveError:
                raise MandateUnableError(Unable.MOVED_ON) from None
            tx.audit.append(event(MandateOffered, mandate, session.person_id, session), at=at)
            return self._activate(tx, session, mandate, at)

    def decline(self, session: Session, mandate_id: MandateId, at: datetime) -> Mandate:
        """Say no, or take back one's own offer or request."""
        with self.work() as tx:
            mandate = held(tx, mandate_id)
            mine = mandate is not None and session.person_id in (mandate.maker, mandate.other)
            if mandate is None or mandate.route is Route.LEGAL or not mine:
                raise MandateUnableError(Unable.MOVED_ON)
            try:
                declined = kept(tx, mandate.moved(MandateState.DECLINED, at))
            except MoveError:
                raise MandateUnableError(Unable.MOVED_ON) from None
            tx.audit.append(event(MandateDeclined, declined, session.person_id, session), at=at)
            tell_both(tx, MandateDeclined, declined, at)
            tx.commit()
        return declined

    def _mine(self, session: Session, mandate_id: MandateId, route: Route, at: datetime) -> None:
        mandate = self.waiting(session, mandate_id, at)
        if mandate is None or mandate.route is not route:
            raise MandateUnableError(Unable.MOVED_ON)

    def _held(self, tx: UnitOfWork, session: Session, mandate_id: MandateId, at: datetime) -> Mandate:
        mandate = held(tx, mandate_id)
        if mandate is None or mandate.other != session.person_id or not mandate.open(at):
            raise MandateUnableError(Unable.MOVED_ON)
        return mandate

    def _activate(self, tx: UnitOfWork, session: Session, mandate: Mandate, at: datetime) -> Mandate:
        self.end.of_overdue_between(tx, mandate, at)
        check_possible(tx, mandate, at, told=session.person_id)
        if at >= mandate.ends_at:
            raise MandateUnableError(Unable.MOVED_ON)
        try:
            active = kept(tx, mandate.moved(MandateState.ACTIVE, at))
        except MoveError:
            raise MandateUnableError(Unable.MOVED_ON) from None
        tx.audit.append(event(MandateAccepted, active, session.person_id, session), at=at)
        tell_both(tx, MandateAccepted, active, at)
        tx.commit()
        return active
