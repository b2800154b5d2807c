"""Making a mandate on the ground of law: one of the staff proposes it, another approves it (rule 29).

Who they are is known to whoever calls: staff have a login of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vad.domain.identifiers import ClientId, MandateId, PersonId
from vad.domain.mandate import ANSWER_WITHIN, Mandate, MandateState, MoveError, Permission, Route, ends_after
from vad.domain.mandate_events import MandateApproved, MandateDeclined, MandateProposed
from vad.domain.mandate_legal import Legal, LegalKind, unable_to_be_represented
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.services.mandate_moves import check_possible, held, kept
from vad.services.mandate_notices import tell_both
from vad.services.mandate_parties import MandateParties
from vad.services.mandates import event
from vad.services.ports.records import UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Randomness


@dataclass(frozen=True, slots=True)
class Case:
    """Who may act for whom, for what, and why."""

    represented: PersonId
    representative: PersonId
    permissions: Sequence[tuple[str, str]]
    """Kinds of data, each with the app that may fetch them; an empty app is every app."""
    kind: LegalKind
    reference: str
    """To the decision that it rests on: no names."""
    review_on: date
    """The last day: who wants it to go on looks at the decision again."""


@dataclass(frozen=True, slots=True)
class MandatesByLaw:
    """The use case. Raises `MandateUnableError`, and `TermError` for a day of review that can't be."""

    work: UnitOfWorkFactory
    parties: MandateParties
    random: Randomness

    def propose(self, by: PersonId, case: Case, at: datetime) -> Mandate:
        """Propose it: nobody acts on it yet, and neither of the two sees it."""
        mandate, legal = self._drawn(case, at), Legal(case.kind, case.reference, by)
        legal.check_proposal(mandate)
        self._check_register(mandate, case.kind, at)
        with self.work() as tx:
            check_possible(tx, mandate, at, told=by)
            tx.mandates.add(mandate, None)
            tx.legal_mandates.add(mandate.mandate_id, legal)
            tx.audit.append(event(MandateProposed, mandate, by, reason=case.kind.value, more=_evidence(legal)), at=at)
            tx.commit()
        return mandate

    def approve(self, by: PersonId, mandate_id: MandateId, at: datetime) -> Mandate:
        """Approve it: from now on it is in force, and both are told."""
        with self.work() as tx:
            mandate, legal = self._proposed(tx, mandate_id, at)
        legal.check_approval(by, mandate)
        self._check_register(mandate, legal.kind, at)
        with self.work() as tx:
            mandate, legal = self._proposed(tx, mandate_id, at)
            legal.check_approval(by, mandate)
            check_possible(tx, mandate, at, told=by)
            if not tx.legal_mandates.approve(mandate_id, by):
                raise MandateUnableError(Unable.MOVED_ON)
            try:
                active = kept(tx, kept(tx, mandate.moved(MandateState.OFFERED, at)).begun(at, at))
            except MoveError:
                raise MandateUnableError(Unable.MOVED_ON) from None
            tx.audit.append(event(MandateApproved, active, by, reason=legal.kind.value, more=_evidence(legal)), at=at)
            tell_both(tx, MandateApproved, active, at)
            tx.commit()
        return active

    def refuse(self, by: PersonId, mandate_id: MandateId, at: datetime) -> Mandate:
        """Say no to it; whoever proposed it may take it back so."""
        with self.work() as tx:
            mandate, _ = self._proposed(tx, mandate_id, at)
            declined = kept(tx, mandate.moved(MandateState.DECLINED, at))
            tx.audit.append(event(MandateDeclined, declined, by, reason="by_staff"), at=at)
            tx.commit()
        return declined

    def _drawn(self, case: Case, at: datetime) -> Mandate:
        if not case.permissions:
            raise MandateUnableError(Unable.NOTHING)
        ends_at = ends_after(case.review_on, at)
        return Mandate(
            mandate_id=MandateId(self.random.uuid()),
            route=Route.LEGAL,
            state=MandateState.REQUESTED,
            represented=case.represented,
            representative=case.representative,
            permissions=tuple(
                Permission(self.random.uuid(), service, None, ClientId(app) if app else None)
                for service, app in case.permissions
            ),
            starts_at=at,
            ends_at=ends_at,
            made_at=at,
            answer_by=min(at + ANSWER_WITHIN, ends_at),
            changed_at=at,
        )

    def _check_register(self, mandate: Mandate, kind: LegalKind, at: datetime) -> None:
        if mandate.represented is None or mandate.representative is None:
            raise MandateUnableError(Unable.MOVED_ON)
        self.parties.check_representative(mandate.representative, at)
        why = unable_to_be_represented(kind, self.parties.evidence_of(mandate.represented, at), at)
        if why is not None:
            raise MandateUnableError(why)

    def _proposed(self, tx: UnitOfWork, mandate_id: MandateId, at: datetime) -> tuple[Mandate, Legal]:
        mandate, legal = held(tx, mandate_id), tx.legal_mandates.get(mandate_id)
        if mandate is None or legal is None or not mandate.open(at):
            raise MandateUnableError(Unable.MOVED_ON)
        return mandate, legal


def _evidence(legal: Legal) -> dict[str, object]:
    """What the log keeps of it beside the mandate."""
    return {"reference": legal.reference, "proposed_by": str(legal.proposed_by)}
