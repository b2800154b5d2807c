"""Mandates of the demo's month of history: somebody asked people without a DigiD by letter, one after another."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from vad.domain.audit import AuditEvent
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import ANSWER_WITHIN, Mandate, MandateState, Permission, Route, ends_after, months_later
from vad.domain.mandate_events import (
    MandateAccepted,
    MandateLetterAddressed,
    MandateLetterAsked,
    MandateOffered,
    MandateReached,
    MandateStopped,
)
from vad.domain.mandate_letter import Addressee
from vad.services.mandates import event
from vad.services.ports.records import UnitOfWork

_ASKED_FROM = timedelta(days=27)
"""Before now: the first letter. The others follow, two days apart, so that all are long answered by now."""
_NEXT = timedelta(days=2)
_ANSWERED = timedelta(days=3, hours=2)
_POSTED = timedelta(days=4)
_STOPPED = timedelta(days=6, hours=5)
_MONTHS = 12
_STOPS_EVERY = 4


@dataclass(frozen=True, slots=True)
class Step:
    """A mandate after one move, with the event of it."""

    at: datetime
    mandate: Mandate
    event: AuditEvent


@dataclass(frozen=True, slots=True)
class PastMandate:
    """One mandate by letter, from the question to what it is now."""

    represented: PersonId
    steps: tuple[Step, ...]

    @property
    def now(self) -> Mandate:
        """As it is now."""
        return self.steps[-1].mandate

    def write(self, tx: UnitOfWork, asked: Addressee) -> None:
        """Write every version of it, as its moves would have; the events are written with all others."""
        first, *others = dict.fromkeys(step.mandate for step in self.steps)
        tx.mandates.add(first, None)
        tx.mandate_letters.add(first.mandate_id, asked)
        tx.mandate_letters.address(first.mandate_id, self.represented)
        # Codes that nobody has: nothing was posted.
        tx.mandate_letters.keep_code(first.mandate_id, secrets.token_bytes(32))
        tx.mandate_letters.keep_stop_code(first.mandate_id, secrets.token_bytes(32))
        for each in others:
            if not tx.mandates.keep(each):
                raise RuntimeError("a mandate of the demo's history was not written")


def by_letter(
    helper: PersonId, people: Sequence[PersonId], data_services: Sequence[str], at: datetime
) -> Iterator[PastMandate]:
    """What this helper asked these people, in the month up to `at`. Now and then somebody stops it again."""
    for number, person in enumerate(people):
        asked = at - _ASKED_FROM + number * _NEXT
        yield PastMandate(
            person, tuple(_steps(helper, person, data_services, asked, stops=not (number + 1) % _STOPS_EVERY))
        )


def _steps(
    helper: PersonId, person: PersonId, data_services: Sequence[str], asked: datetime, *, stops: bool
) -> Iterator[Step]:
    drawn = Mandate(
        mandate_id=MandateId(uuid4()),
        route=Route.LETTER,
        state=MandateState.REQUESTED,
        represented=None,
        representative=helper,
        permissions=tuple(Permission(uuid4(), each) for each in data_services),
        starts_at=asked,
        ends_at=ends_after(months_later(asked.date(), _MONTHS), asked),
        made_at=asked,
        answer_by=asked + ANSWER_WITHIN,
        changed_at=asked,
    )
    yield Step(asked, drawn, event(MandateLetterAsked, drawn, helper))
    # Nothing of the mandate moves with this one: it is found out to whom the letter goes.
    yield Step(asked, drawn, event(MandateLetterAddressed, replace(drawn, represented=person), None))
    answered, posted = asked + _ANSWERED, asked + _POSTED
    reached = drawn.reached(person, answered)
    offered = reached.moved(MandateState.OFFERED, answered)
    active = offered.begun(posted, posted)
    yield Step(answered, reached, event(MandateReached, reached, helper))
    yield Step(answered, offered, event(MandateOffered, offered, person, reason="by_letter"))
    yield Step(posted, active, event(MandateAccepted, active, None, reason="letter_posted"))
    if stops:
        stopped = active.moved(MandateState.REVOKED, asked + _STOPPED)
        yield Step(asked + _STOPPED, stopped, event(MandateStopped, stopped, person))
