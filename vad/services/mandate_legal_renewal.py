"""A mandate on the ground of law goes on after its day of review: a new decision, and two of the staff (rule 29)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from vad.domain.approval import About, OutdatedError, StaffRequest
from vad.domain.identifiers import MandateId, RequestId
from vad.domain.justification import Justification
from vad.domain.mandate import Mandate, ends_after
from vad.domain.mandate_events import MandateChanged
from vad.domain.mandate_legal import Legal
from vad.domain.mandate_parties import Unable
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.approvals import Approvals, Payload
from vad.services.mandate_legal import about_two, ask_register, in_force, outdated, two
from vad.services.mandate_moves import held, kept
from vad.services.mandate_notices import tell_both
from vad.services.mandate_parties import MandateParties, check_not_switched_off
from vad.services.mandates import event
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory

RENEW: Final = "legal_mandate.renew"
RENEWED = "renewed"
"""The reason of the event."""


@dataclass(frozen=True, slots=True)
class LegalRenewals:
    """The use case. Raises what `Approvals` raises, and `TermError` for a day of review that can't be."""

    work: UnitOfWorkFactory
    approvals: Approvals

    def ask(
        self,
        member: StaffMember,
        mandate_id: MandateId,
        reference: str,
        review_on: date,
        why: Justification,
        at: datetime,
    ) -> RequestId:
        """Ask another to agree that it goes on, on this decision, until it is looked at again."""
        check(member, StaffAction.LEGAL_MANDATES_CHANGE)
        with self.work() as tx:
            mandate = in_force(tx.mandates.get(mandate_id), at)
            legal = _decision(tx, mandate)
        payload = {
            "mandate": str(mandate_id),
            "represented": str(mandate.represented),
            "representative": str(mandate.representative),
            "legal_kind": legal.kind.value,
            "reference": reference.strip(),
            "ends_before": mandate.ends_at.isoformat(),
            "ends_at": ends_after(review_on, at).isoformat(),
        }
        return self.approvals.request(member, RENEW, payload, why, at)


@dataclass(frozen=True, slots=True)
class RenewingLegalMandate:
    """`vad.services.approvals.Change`: it goes on, and all that rests on it as long as that goes by itself."""

    parties: MandateParties
    kind: str = RENEW
    action: StaffAction = StaffAction.LEGAL_MANDATES_CHANGE

    def about(self, payload: Payload) -> About:
        """Whose data it is, and who acts for them."""
        return about_two(payload)

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Ask the register about both of them anew: giving more is giving anew."""
        ask_register(self.parties, payload, at)

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """See that it is in force as it was when this was asked for, and that nothing is in the way."""
        _renewed(tx, in_force(tx.mandates.get(MandateId(UUID(str(payload["mandate"])))), at), payload, at)

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Move its end, with the decision and both who decided it on record."""
        known = in_force(held(tx, MandateId(UUID(str(request.payload["mandate"])))), at)
        renewed, former = _renewed(tx, known, request.payload, at)
        reference = str(request.payload["reference"])
        tx.legal_mandates.renew(
            renewed.mandate_id, Legal(former.kind, reference, request.person, by.person), renewed.ends_at
        )
        with outdated():
            kept(tx, renewed)
        evidence = {
            "reference": reference,
            "former_reference": former.reference,
            "former_until": known.ends_at.isoformat(),
            "request": str(request.request_id),
            "asked_by": str(request.account),
        }
        tx.audit.append(event(MandateChanged, renewed, by, reason=RENEWED, more=evidence), at=at)
        tell_both(tx, MandateChanged, renewed, at)


def _renewed(tx: UnitOfWork, known: Mandate, payload: Payload, at: datetime) -> tuple[Mandate, Legal]:
    """It with its new end, and the decision that it rested on so far."""
    former = _decision(tx, known)
    ends_at, reference = datetime.fromisoformat(str(payload["ends_at"])), str(payload["reference"])
    if known.ends_at.isoformat() != payload["ends_before"]:
        raise OutdatedError(Unable.MOVED_ON)
    if reference == former.reference:
        raise OutdatedError("same_decision")
    if ends_at <= known.ends_at:
        raise OutdatedError("no_later")
    with outdated():
        Legal(former.kind, reference, former.proposed_by).check(known)
        represented, representative = two(payload)
        check_not_switched_off(tx, represented, representative, at, told=None)
        return known.ending(ends_at, at), former


def _decision(tx: UnitOfWork, mandate: Mandate) -> Legal:
    legal = tx.legal_mandates.get(mandate.mandate_id)
    if legal is None:
        raise OutdatedError(Unable.MOVED_ON)
    return legal
