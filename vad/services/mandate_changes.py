"""Stopping a mandate or a part of it, and moving its end (rules 21, 22, 25 and 27). All of it counts at once."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from vad.domain.identifiers import MandateId
from vad.domain.mandate import Mandate, MandateState, MoveError, Route, ends_after
from vad.domain.mandate_events import MandateChanged
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.session import Session
from vad.services.mandate_end import MandateEnd
from vad.services.mandate_moves import held, kept
from vad.services.mandate_notices import tell_both
from vad.services.mandate_parties import MandateParties, check_not_switched_off
from vad.services.mandates import event
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory


@dataclass(frozen=True, slots=True)
class MandateChanges:
    """The use case. Raises `MandateUnableError` where it is over, or not this person's."""

    work: UnitOfWorkFactory
    parties: MandateParties
    end: MandateEnd

    def of(self, session: Session, mandate_id: MandateId, at: datetime) -> Mandate | None:
        """What this person may stop now, from either side; None where there is no such thing."""
        with self.work() as tx:
            mandate = tx.mandates.get(mandate_id)
        return mandate if mandate is not None and _stoppable(mandate, session, at) else None

    def stop(self, session: Session, mandate_id: MandateId, at: datetime) -> Mandate:
        """Stop it: every token that rests on it is of no use from the moment that this has committed."""
        with self.work() as tx:
            mandate = self._held(tx, session, mandate_id, at)
            stopped = self.end.of(tx, mandate, MandateState.REVOKED, at, by=session)
            if stopped is None:
                raise MandateUnableError(Unable.MOVED_ON)
            tx.commit()
        return stopped

    def stop_permission(self, session: Session, mandate_id: MandateId, permission_id: UUID, at: datetime) -> Mandate:
        """Stop one permission; with the last one, the mandate."""
        with self.work() as tx:
            mandate = self._held(tx, session, mandate_id, at)
            left = {each.permission_id for each in mandate.permissions if each.stopped_at is None}
            if permission_id not in left:
                raise MandateUnableError(Unable.MOVED_ON)
            if left != {permission_id}:
                tx.mandates.hold_all(mandate, at)
                narrower = kept(tx, mandate.narrowed(left - {permission_id}, at))
                told = event(MandateChanged, narrower, session.person_id, session, reason="permission_stopped")
                tx.audit.append(told, *self.end.release.of_part(tx, narrower, at), at=at)
                tell_both(tx, MandateChanged, narrower, at)
                tx.commit()
                return narrower
        return self.stop(session, mandate_id, at)

    def move_end(self, session: Session, mandate_id: MandateId, last_day: date, at: datetime) -> Mandate:
        """Let it end on another day: for the one whose data it is alone. Raises `TermError`."""
        ends_at = ends_after(last_day, at)
        mandate = self.of(session, mandate_id, at)
        if mandate is None or mandate.represented != session.person_id or mandate.route is Route.LEGAL:
            # The end of one on the ground of law is the day of its review.
            raise MandateUnableError(Unable.MOVED_ON)
        if ends_at > mandate.ends_at:
            # Giving more is giving anew.
            self.parties.check_grantor(session.person_id, at)
        with self.work() as tx:
            mandate = self._held(tx, session, mandate_id, at)
            if ends_at == mandate.ends_at:
                return mandate
            if ends_at > mandate.ends_at:
                check_not_switched_off(tx, session.person_id, mandate.representative, at, told=session.person_id)
            try:
                moved = kept(tx, mandate.ending(ends_at, at))
            except MoveError:
                raise MandateUnableError(Unable.MOVED_ON) from None
            tx.audit.append(event(MandateChanged, moved, session.person_id, session, reason="end_moved"), at=at)
            tell_both(tx, MandateChanged, moved, at)
            tx.commit()
        return moved

    def _held(self, tx: UnitOfWork, session: Session, mandate_id: MandateId, at: datetime) -> Mandate:
        mandate = held(tx, mandate_id)
        if mandate is None or not _stoppable(mandate, session, at):
            raise MandateUnableError(Unable.MOVED_ON)
        return mandate


def _stoppable(mandate: Mandate, session: Session, at: datetime) -> bool:
    mine = session.person_id in (mandate.represented, mandate.representative)
    return mine and mandate.standing(at) is MandateState.ACTIVE
