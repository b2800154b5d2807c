"""Showing who many people are: what takes two of the staff, and lasts a day (rules 40 and 44).

What was agreed to is a list of persons; whoever asked sees who they are, and each time is an event about each of them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from vad.domain.approval import About, ApprovalError, ApprovalFault, OutdatedError, RequestState, StaffRequest
from vad.domain.identifiers import PersonId, RequestId
from vad.domain.inquiry_events import PersonUnmasked
from vad.domain.justification import Justification
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.approvals import Approvals, Payload
from vad.services.names import Names
from vad.services.person_inquiry import Unmasked
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory

UNMASK: Final = "persons.unmask"
MOST: Final = 100
"""Persons in one request: the register is asked for the name of each."""
LASTS: Final = timedelta(days=1)
"""How long whoever asked may look, once somebody agreed."""


@dataclass(frozen=True, slots=True)
class UnmaskingMany:
    """`vad.services.approvals.Change`: nothing is changed by it; it lets whoever asked look."""

    kind: str = UNMASK
    action: StaffAction = StaffAction.PERSONS_UNMASK_IN_BULK

    def about(self, payload: Payload) -> About:
        """Everybody on the list."""
        return About(concerning=frozenset(persons(payload)))

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Nothing to ask."""

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:  # noqa: ARG002 - as all kinds have it
        """See that all of them are known."""
        if any(tx.persons.get(each) is None for each in persons(payload)):
            raise OutdatedError("nobody")

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Nothing: the approval itself is what counts, until `LASTS` is over."""


@dataclass(frozen=True, slots=True)
class Unmasking:
    """The use case. Raises what `Approvals` raises."""

    work: UnitOfWorkFactory
    approvals: Approvals
    names: Names

    def ask(self, member: StaffMember, wanted: Collection[PersonId], why: Justification, at: datetime) -> RequestId:
        """Ask another to agree. Raises `OutdatedError` for nobody, and for more than `MOST`."""
        check(member, StaffAction.PERSONS_UNMASK_IN_BULK, wanted)
        if not 0 < len(wanted) <= MOST:
            raise OutdatedError("number_of_persons")
        payload = {"persons": [str(each) for each in dict.fromkeys(wanted)]}
        return self.approvals.request(member, UNMASK, payload, why, at)

    def shown(self, member: StaffMember, request_id: RequestId, at: datetime) -> Sequence[tuple[PersonId, Unmasked]]:
        """Who they are, for whoever asked. The events commit before anything is shown.

        Raises `ApprovalError` where there is no such request, it is another's, or its day is over.
        """
        known = self.approvals.view(member, request_id)
        wanted = persons(known.payload) if known.kind == UNMASK else ()
        check(member, StaffAction.PERSONS_UNMASK_IN_BULK, wanted)
        if known.account != member.account or not wanted:
            raise ApprovalError(ApprovalFault.NOT_YOURS)
        if known.state is not RequestState.APPROVED or known.decided_at is None or at >= known.decided_at + LASTS:
            raise ApprovalError(ApprovalFault.OVER)
        with self.work() as tx:
            found = [person for each in wanted if (person := tx.persons.get(each)) is not None]
            told = {"request": str(request_id)}
            tx.audit.append(
                *(PersonUnmasked(staff=member.account, represented=each.person_id, evidence=told) for each in found),
                at=at,
            )
            tx.commit()
        return [
            (
                each.person_id,
                Unmasked(
                    each.bsn,
                    self.names.shown(each.person_id, at),
                    None if each.evidence is None else each.evidence.birth,
                ),
            )
            for each in found
        ]


def persons(payload: Payload) -> tuple[PersonId, ...]:
    """Whom the request is about."""
    listed = payload.get("persons", ())
    return tuple(PersonId(UUID(str(each))) for each in listed) if isinstance(listed, list | tuple) else ()
