"""Saying that something in one's activity is not right, and reading what became of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from vad.domain.activity import types_of
from vad.domain.case import Case, CaseText, Reach, TextKind, tidy
from vad.domain.case_events import CaseOpened
from vad.domain.identifiers import CaseId
from vad.domain.session import Session
from vad.services.activity_entries import ActivityEntry, Teller
from vad.services.names import Names
from vad.services.ports.records import Registrations, UnitOfWorkFactory
from vad.services.ports.tokens import Randomness

MOST_A_DAY: Final = 5
"""Cases that one person may open in a day: people have to read them."""
_DAY = timedelta(days=1)


class CaseFault(StrEnum):
    """Why no case was opened."""

    TEXT = "text"
    """It says too little, or too much."""
    REACH = "reach"
    """They did not say how to tell them, or in a way that there is not."""
    TOO_MANY = "too_many"
    """They opened too many today."""


class CaseRefusedError(Exception):
    """No case was opened; `fault` says why."""

    def __init__(self, fault: CaseFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class OwnCase:
    """A case as the person who opened it may see it."""

    case: Case
    complaint: str | None
    """None: erased since."""
    answer: str | None


@dataclass(frozen=True, slots=True)
class OwnCases:
    """The use cases of the citizen."""

    work: UnitOfWorkFactory
    registrations: Registrations
    names: Names
    random: Randomness

    def event(self, session: Session, event_id: UUID, at: datetime) -> ActivityEntry | None:
        """The event that somebody wants to speak of; None where it is not one that this person sees."""
        with self.work() as tx:
            event = tx.activity.one(session.person_id, event_id, types_of(None))
        return None if event is None else Teller(self.registrations, self.names, session.person_id, at).entry(event)

    def ways(self, session: Session) -> tuple[Reach, ...]:
        """How this person can be told."""
        with self.work() as tx:
            mail = tx.contacts.confirmed(session.person_id) is not None
        return (Reach.MAIL, Reach.LETTER) if mail else (Reach.LETTER,)

    def open(
        self, session: Session, event: ActivityEntry | None, written: str, reach: Reach | None, at: datetime
    ) -> Case:
        """Open a case. Raises `CaseRefusedError`."""
        text = tidy(written)
        if text is None:
            raise CaseRefusedError(CaseFault.TEXT)
        if reach is None or reach not in self.ways(session):
            raise CaseRefusedError(CaseFault.REACH)
        case = Case(
            CaseId(self.random.uuid()),
            session.person_id,
            reach,
            at,
            event_id=event.event_id if event else None,
            event_at=event.at if event else None,
        )
        with self.work() as tx:
            tx.cases.hold(session.person_id)
            if tx.cases.count(session.person_id, at - _DAY) >= MOST_A_DAY:
                raise CaseRefusedError(CaseFault.TOO_MANY)
            tx.cases.add(case, CaseText(self.random.uuid(), case.case_id, TextKind.COMPLAINT, at, text))
            tx.audit.append(
                CaseOpened(
                    actor=session.person_id,
                    represented=session.person_id,
                    sid=session.sid,
                    evidence={"case": case.reference, **({"event": str(event.event_id)} if event else {})},
                ),
                at=at,
            )
            tx.commit()
        return case

    def of(self, session: Session) -> tuple[OwnCase, ...]:
        """What this person reported, the newest first, each with its answer."""
        with self.work() as tx:
            cases = tx.cases.of(session.person_id)
            texts = tx.cases.texts([case.case_id for case in cases])
        written = {(text.case_id, text.kind): text.text for text in texts}
        return tuple(
            OwnCase(case, written.get((case.case_id, TextKind.COMPLAINT)), written.get((case.case_id, TextKind.ANSWER)))
            for case in cases
        )
