"""Giving a person everything that VAD holds about them (AVG article 15): to themselves, or by way of staff."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from vad.domain.audit import DataExported
from vad.domain.identifiers import PersonId, Sid
from vad.domain.inquiry_events import PersonExported
from vad.domain.justification import Justification
from vad.domain.session import Session
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.own_sessions import Logins, OwnSession, OwnSessions
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.unmasking_limit import UnmaskingLimit

Sections = dict[str, list[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class OwnData:
    """The use case. Who asks logged in a moment ago: the caller sees to that."""

    work: UnitOfWorkFactory
    own_sessions: OwnSessions

    def of(self, session: Session, at: datetime) -> Sections:
        """All of it, by section. Logged before anything is given."""
        person = session.person_id
        with self.work() as tx:
            tx.audit.append(DataExported(actor=person, represented=person, sid=session.sid), at=at)
            tx.commit()
        return _all(self.work, person, (self.own_sessions.this(session), *self.own_sessions.others(session, at)))


@dataclass(frozen=True, slots=True)
class PersonExports:
    """The use case of staff, for a person who asks without logging in. Raises `NotPermittedError`, `OwnCaseError`."""

    work: UnitOfWorkFactory
    logins: Logins
    limit: UnmaskingLimit

    def of(
        self,
        member: StaffMember,
        person_id: PersonId,
        why: Justification,
        at: datetime,
        *,
        to_weigh: bool = False,
        sid: Sid | None = None,
    ) -> Sections:
        """All of it, by section; the event commits before anything is given. Raises `TooManyShownError`.

        `to_weigh`: with signals, and blocks against this person; staff weigh whether those can be told.
        """
        check(member, StaffAction.PERSONS_EXPORT, (person_id,))
        said = {"to_weigh": True} if to_weigh else {}
        exported = PersonExported(
            staff=member.account, represented=person_id, sid=sid, evidence=said, erasable=why.erasable
        )
        with self.work() as tx:
            self.limit.take(tx, member, StaffAction.PERSONS_EXPORT, person_id, at, sid)
            tx.audit.append(exported, at=at)
            tx.commit()
        return _all(self.work, person_id, self.logins.of(person_id, at), to_weigh=to_weigh)


def _all(
    work: UnitOfWorkFactory, person_id: PersonId, logins: Iterable[OwnSession], *, to_weigh: bool = False
) -> Sections:
    with work() as tx:
        told: Sections = dict(tx.own_data.sections(person_id, to_weigh=to_weigh))
    told["logins"] = [
        {"since": each.since.isoformat(), "last_used": each.last_used.isoformat(), "apps": list(each.apps)}
        for each in logins
    ]
    return told
