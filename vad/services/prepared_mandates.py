"""What an app prepares of mandates, and the person confirms on a page of VAD, having logged in a moment ago."""

import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from vad.domain.age import AMSTERDAM
from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate, months_later
from vad.domain.mandate_events import MandatePrepared
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.session import Session
from vad.services.api_access import ApiCaller
from vad.services.mandate_answers import MandateAnswers
from vad.services.mandates import LONGEST_LABEL, Made, Mandates, Wanted
from vad.services.ports.prepared import Prepared, PreparedMandates
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import Handles, Randomness

KEPT = timedelta(minutes=30)
"""So long the person has to come to the page."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What an app asks to prepare."""

    label: str
    data_services: Collection[str]
    every_app: bool
    months: int


@dataclass(frozen=True, slots=True)
class PreparedChanges:
    """The use case. What is prepared gives nobody anything: it is not an offer, and no answer."""

    work: UnitOfWorkFactory
    prepared: PreparedMandates
    making: Mandates
    answers: MandateAnswers
    handles: Handles
    random: Randomness

    def offer(self, caller: ApiCaller, offer: Offer, at: datetime) -> Prepared:
        """Prepare an offer."""
        prepared = replace(
            self._new(caller, at),
            label=offer.label.strip()[:LONGEST_LABEL],
            data_services=frozenset(offer.data_services),
            every_app=offer.every_app,
            last_day=months_later(at.astimezone(AMSTERDAM).date(), offer.months),
        )
        return self._keep(caller, prepared, at)

    def answer(self, caller: ApiCaller, mandate_id: MandateId, at: datetime) -> Prepared | None:
        """Prepare the answer to an offer or a request; None for one that is not the person's.

        Raises `MandateUnableError` where it does not wait for the person's answer.
        """
        with self.work() as tx:
            mandate = tx.mandates.get(mandate_id)
        person = caller.session.person_id
        if mandate is None or person not in (mandate.represented, mandate.representative):
            return None
        if self.answers.waiting(caller.session, mandate_id, at) is None:
            raise MandateUnableError(Unable.MOVED_ON)
        return self._keep(caller, replace(self._new(caller, at), mandate_id=mandate_id), at)

    def of(self, session: Session, name: UUID, at: datetime) -> Prepared | None:
        """What was prepared for this person under this name; None for anybody else, and once it is too late."""
        known = self.prepared.get(name)
        if known is None or at >= known.expires_at:
            return None
        mine = hmac.compare_digest(known.owner.encode(), self._owner(session.person_id).encode())
        return known if mine else None

    def waiting(self, session: Session, prepared: Prepared, at: datetime) -> Mandate | None:
        """What is to be answered, if it still waits."""
        return None if prepared.mandate_id is None else self.answers.waiting(session, prepared.mandate_id, at)

    def confirm(self, session: Session, prepared: Prepared, at: datetime) -> Made | None:
        """Make the offer, once; None where that was done before. It can be tried again after any error.

        Raises as `Mandates.offer`. The log names the app, as the one by whose hand it was.
        """
        taken = self.prepared.take(prepared.name)
        if taken is None:
            return None
        clients = frozenset[str]() if taken.every_app else frozenset({str(taken.client_id)})
        wanted = Wanted(taken.label, taken.data_services, clients, taken.last_day)
        made = None
        try:
            made = self.making.offer(by(session, taken), wanted, at)
        finally:
            if made is None:
                self.prepared.add(taken, at)
        return made

    def drop(self, prepared: Prepared) -> None:
        """Forget it."""
        self.prepared.take(prepared.name)

    def _new(self, caller: ApiCaller, at: datetime) -> Prepared:
        owner = self._owner(caller.session.person_id)
        return Prepared(self.random.uuid(), owner, caller.client.client_id, at + KEPT)

    def _keep(self, caller: ApiCaller, prepared: Prepared, at: datetime) -> Prepared:
        session, about = caller.session, prepared.mandate_id
        told = MandatePrepared(
            actor=session.person_id,
            represented=session.person_id,
            client_id=session.through,
            sid=session.sid,
            evidence={"prepared": str(prepared.name), **({} if about is None else {"mandate": str(about)})},
        )
        with self.work() as tx:
            tx.audit.append(told, at=at)
            tx.commit()
        self.prepared.add(prepared, at)
        return prepared

    def _owner(self, person_id: PersonId) -> str:
        return self.handles.owner(person_id, "prepared mandate")


def by(session: Session, prepared: Prepared) -> Session:
    """The same session, with the app that prepared what its person does."""
    return replace(session, through=prepared.client_id)
