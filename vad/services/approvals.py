"""Four eyes: asking for what takes two people, and deciding it (rule 44).

A kind of change is one `Change` in the register that `vad.bootstrap` gives. Its payload is written down when it is
asked for and carried out, word for word, in the unit of work of the approval: the decision, the change and the events
of both commit together or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from vad.domain.approval import (
    About,
    ApprovalError,
    ApprovalFault,
    OutdatedError,
    RequestState,
    StaffRequest,
)
from vad.domain.approval_events import (
    ApprovalExpired,
    ApprovalGranted,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
)
from vad.domain.audit import AuditEvent
from vad.domain.audit_people import concerning
from vad.domain.identifiers import RequestId
from vad.domain.justification import Justification
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_session import StaffAccount
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Randomness

Payload = Mapping[str, object]
MOST_SHOWN = 200
"""Requests on one page. More than that wait nowhere."""
BATCH = 100


class Change(Protocol):
    """One kind of change that takes two people."""

    @property
    def kind(self) -> str:
        """Its name in the table, the log and the templates; never changed."""

    @property
    def action(self) -> StaffAction:
        """The right to ask for it, and to decide it."""

    def about(self, payload: Payload) -> About:
        """Whom and what it is about."""

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Ask the registers outside what has to be asked before anything is held. Raises `OutdatedError`."""

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """Raise `OutdatedError` where it can't be done as things are: when it is asked for, and when it is decided."""

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Do it, and append its events, in this unit of work. `by` is the second person. Raises `OutdatedError`."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What nobody has decided yet."""

    own: tuple[StaffRequest, ...]
    """What this person asked for."""
    for_me: tuple[StaffRequest, ...]
    """What this person may decide."""
    others: tuple[StaffRequest, ...] = ()
    """What others decide, for who looks whether that goes well."""


@dataclass(frozen=True, slots=True)
class Approvals:
    """The use case. Raises `NotPermittedError`, `OwnCaseError`, `ApprovalError`, `OutdatedError`."""

    work: UnitOfWorkFactory
    changes: Mapping[str, Change]
    random: Randomness
    within: timedelta
    """How long a request waits for a second person."""

    def request(self, member: StaffMember, kind: str, payload: Payload, why: Justification, at: datetime) -> RequestId:
        """Ask for it. Nothing is changed by that."""
        change = self.changes[kind]
        about = change.about(payload)
        check(member, change.action, about.concerning)
        change.prepare(payload, at)
        request = StaffRequest(
            request_id=RequestId(self.random.uuid()),
            kind=kind,
            payload=payload,
            concerning=about.concerning,
            account=member.account,
            person=member.person,
            reason=why.reason,
            case_number=why.case_number,
            requested_at=at,
            expires_at=at + self.within,
        )
        with self.work() as tx:
            change.check(tx, payload, at)
            tx.staff_requests.add(request)
            told = _event(ApprovalRequested, request, about, member, erasable=why.erasable)
            tx.audit.append(told, at=at)
            tx.commit()
        return request.request_id

    def approve(self, member: StaffMember, request_id: RequestId, at: datetime) -> StaffRequest:
        """Agree to it: it is done at once. What can't be done any more is over, and the error says why."""
        with self.work() as tx:
            known, change = self._known(tx.staff_requests.get(request_id))
        known.check_decidable(member, change.action, at)
        try:
            change.prepare(known.payload, at)
            return self._carried_out(member, request_id, at)
        except OutdatedError as error:
            self._close(member, request_id, error.why, {}, at)
            raise

    def refuse(self, member: StaffMember, request_id: RequestId, why: str, at: datetime) -> StaffRequest:
        """Say no to it. Raises `JustificationError` for a reason that is none."""
        with self.work() as tx:
            known, _ = self._known(tx.staff_requests.get(request_id))
        reason = Justification(why, known.case_number)
        return self._close(member, request_id, None, reason.erasable, at)

    def withdraw(self, member: StaffMember, request_id: RequestId, at: datetime) -> StaffRequest:
        """Take back what one asked for."""
        with self.work() as tx:
            known, change = self._known(tx.staff_requests.hold(request_id))
            known.check_withdrawable(member, at)
            gone = _decided(tx, known, RequestState.WITHDRAWN, member, at)
            tx.audit.append(_event(ApprovalWithdrawn, gone, change.about(gone.payload), member), at=at)
            tx.commit()
        return gone

    def view(self, member: StaffMember, request_id: RequestId) -> StaffRequest:
        """One request with all that is in it, for who asked for it, may ask for the same, or reviews all of them."""
        with self.work() as tx:
            known, change = self._known(tx.staff_requests.get(request_id))
        check(member, StaffAction.REQUESTS_VIEW)
        if member.person != known.person:
            reviews = member.may(StaffAction.REQUESTS_REVIEW)
            check(member, StaffAction.REQUESTS_REVIEW if reviews else change.action, known.concerning)
        return known

    def decides(self, member: StaffMember, request: StaffRequest) -> bool:
        """Whether this member is one of those who may decide such a request, as far as it is not their own."""
        return request.person != member.person and self._may_decide(member, request)

    def accounts(self, request: StaffRequest) -> tuple[StaffAccount | None, StaffAccount | None]:
        """Whose login asked for it, and whose decided it or took it back."""
        with self.work() as tx:
            asked = tx.staff_accounts.get(request.account)
            decided = tx.staff_accounts.get(request.decided_account) if request.decided_account else None
        return asked, decided

    def waiting(self, member: StaffMember, at: datetime) -> Waiting:
        """What waits for a second person: theirs, and what they may decide. Nobody sees what is about themself."""
        check(member, StaffAction.REQUESTS_VIEW)
        with self.work() as tx:
            every = tx.staff_requests.waiting(at, MOST_SHOWN)
        return Waiting(
            own=tuple(each for each in every if each.person == member.person),
            for_me=tuple(each for each in every if self.decides(member, each)),
            others=tuple(
                each
                for each in every
                if each.person != member.person and not self.decides(member, each) and self._may_see(member, each)
            ),
        )

    def decided(self, member: StaffMember) -> tuple[StaffRequest, ...]:
        """What became of those that are over, the newest first: theirs, and what they may see."""
        check(member, StaffAction.REQUESTS_VIEW)
        with self.work() as tx:
            every = tx.staff_requests.over(MOST_SHOWN)
        return tuple(each for each in every if each.person == member.person or self._may_see(member, each))

    def _may_see(self, member: StaffMember, request: StaffRequest) -> bool:
        if member.may(StaffAction.REQUESTS_REVIEW):
            return request.kind in self.changes and member.person not in request.concerning
        return self._may_decide(member, request)

    def _may_decide(self, member: StaffMember, request: StaffRequest) -> bool:
        change = self.changes.get(request.kind)
        return change is not None and member.may(change.action) and member.person not in request.concerning

    def _known(self, request: StaffRequest | None) -> tuple[StaffRequest, Change]:
        """The request, and what its kind is; one of a kind that no release knows any more is as good as none."""
        change = None if request is None else self.changes.get(request.kind)
        if request is None or change is None:
            raise ApprovalError(ApprovalFault.OVER)
        return request, change

    def _carried_out(self, member: StaffMember, request_id: RequestId, at: datetime) -> StaffRequest:
        with self.work() as tx:
            known, change = self._known(tx.staff_requests.hold(request_id))
            known.check_decidable(member, change.action, at)
            if tx.staff_accounts.ended(known.account):
                raise OutdatedError("account_ended")
            change.check(tx, known.payload, at)
            granted = _decided(tx, known, RequestState.APPROVED, member, at)
            tx.audit.append(_event(ApprovalGranted, granted, change.about(known.payload), member), at=at)
            change.carry_out(tx, granted, member, at)
            tx.commit()
        return granted

    def _close(
        self, member: StaffMember, request_id: RequestId, code: str | None, erasable: Mapping[str, str], at: datetime
    ) -> StaffRequest:
        with self.work() as tx:
            known, change = self._known(tx.staff_requests.hold(request_id))
            known.check_decidable(member, change.action, at)
            refused = _decided(tx, known, RequestState.REFUSED, member, at)
            about = change.about(known.payload)
            tx.audit.append(_event(ApprovalRefused, refused, about, member, code, erasable), at=at)
            tx.commit()
        return refused


@dataclass(frozen=True, slots=True)
class ApprovalUpkeep:
    """What the worker does: write down which requests the clock has ended. No decision waits for it."""

    work: UnitOfWorkFactory

    def record_expired(self, at: datetime) -> int:
        """Write them down; returns how many."""
        with self.work() as tx:
            expired = tx.staff_requests.expire(at, BATCH)
            if expired:
                told = (ApprovalExpired(evidence=_named(request_id, kind)) for request_id, kind in expired)
                tx.audit.append(*told, at=at)
            tx.commit()
        return len(expired)


def _decided(tx: UnitOfWork, known: StaffRequest, to: RequestState, member: StaffMember, at: datetime) -> StaffRequest:
    moved = known.moved(to, member, at)
    if not tx.staff_requests.decide(moved):
        raise ApprovalError(ApprovalFault.OVER)
    return moved


def _event(
    kind: type[AuditEvent],
    request: StaffRequest,
    about: About,
    member: StaffMember,
    reason: str | None = None,
    erasable: Mapping[str, str] | None = None,
) -> AuditEvent:
    return kind(
        staff=member.account,
        represented=about.represented,
        client_id=about.client_id,
        resource=about.resource,
        reason=reason,
        evidence={
            **_named(request.request_id, request.kind),
            **about.evidence,
            **concerning(about.concerning - {about.represented}),
        },
        erasable=erasable or {},
    )


def _named(request_id: RequestId, kind: str) -> dict[str, object]:
    return {"request": str(request_id), "kind": kind}
