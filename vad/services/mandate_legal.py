"""Making a mandate on the ground of law, and ending it: one of the staff asks for it, another agrees (rule 29)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from vad.domain.approval import About, OutdatedError, StaffRequest
from vad.domain.identifiers import ClientId, MandateId, PersonId, RequestId
from vad.domain.justification import Justification
from vad.domain.mandate import ANSWER_WITHIN, Mandate, MandateState, MoveError, Permission, Route, ends_after
from vad.domain.mandate_events import MandateApproved
from vad.domain.mandate_legal import Legal, LegalKind, unable_to_be_represented
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.approvals import Approvals, Payload
from vad.services.mandate_end import MandateEnd
from vad.services.mandate_moves import check_possible, held, kept
from vad.services.mandate_notices import tell_both
from vad.services.mandate_parties import MandateParties
from vad.services.mandates import event
from vad.services.ports.mandate_legal import ListedLegal
from vad.services.ports.records import Registrations, UnitOfWork, UnitOfWorkFactory
from vad.services.ports.tokens import Randomness

MAKE: Final = "legal_mandate.make"
END: Final = "legal_mandate.end"
BY_STAFF = "by_staff"
"""The reason of the event."""
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class WantedLegal:
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
    """The use case. Raises what `Approvals` raises, and `TermError` for a day of review that can't be.

    Where the register is not sure now, it raises `MandateUnableError`.
    """

    work: UnitOfWorkFactory
    approvals: Approvals
    random: Randomness

    def standing(self, member: StaffMember, at: datetime) -> tuple[ListedLegal, ...]:
        """Those in force, but what is about this person themself; the first to be reviewed comes first."""
        check(member, StaffAction.LEGAL_MANDATES_VIEW)
        with self.work() as tx:
            listed = tx.legal_mandates.listed(at, MOST_SHOWN)
        return tuple(each for each in listed if member.person not in {each.represented, each.representative})

    def ask_to_make(self, member: StaffMember, wanted: WantedLegal, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree to it. Neither of its two people hears of it before that."""
        payload = {
            "mandate": str(self.random.uuid()),
            "represented": str(wanted.represented),
            "representative": str(wanted.representative),
            "permissions": [list(each) for each in wanted.permissions],
            "legal_kind": wanted.kind.value,
            "reference": wanted.reference.strip(),
            "ends_at": ends_after(wanted.review_on, at).isoformat(),
        }
        return self.approvals.request(member, MAKE, payload, why, at)

    def ask_to_end(self, member: StaffMember, mandate_id: MandateId, why: Justification, at: datetime) -> RequestId:
        """Ask another to agree that it ends. Raises `OutdatedError` where there is no such mandate in force."""
        check(member, StaffAction.LEGAL_MANDATES_CHANGE)
        with self.work() as tx:
            mandate = in_force(tx.mandates.get(mandate_id), at)
        payload = {
            "mandate": str(mandate_id),
            "represented": str(mandate.represented),
            "representative": str(mandate.representative),
        }
        return self.approvals.request(member, END, payload, why, at)


@dataclass(frozen=True, slots=True)
class MakingLegalMandate:
    """`vad.services.approvals.Change`: from the approval on it is in force, and both are told."""

    parties: MandateParties
    registrations: Registrations
    random: Randomness
    kind: str = MAKE
    action: StaffAction = StaffAction.LEGAL_MANDATES_CHANGE

    def about(self, payload: Payload) -> About:
        """Whose data it is, and who acts for them."""
        return about_two(payload)

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Ask the register about both of them."""
        ask_register(self.parties, payload, at)

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """See that it can be made, and that nothing is in its way."""
        with outdated():
            mandate = self._drawn(payload, at)
            Legal(LegalKind(str(payload["legal_kind"])), str(payload["reference"]), PersonId(UUID(int=0))).check(
                mandate
            )
            check_possible(tx, mandate, at)

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """Make it, with both who decided it on record."""
        payload = request.payload
        legal = Legal(LegalKind(str(payload["legal_kind"])), str(payload["reference"]), request.person)
        with outdated():
            mandate = self._drawn(payload, at)
            tx.mandates.hold(*two(payload))
            check_possible(tx, mandate, at)
            tx.mandates.add(mandate, None)
            tx.legal_mandates.add(mandate.mandate_id, legal)
            if not tx.legal_mandates.approve(mandate.mandate_id, by.person):
                raise MandateUnableError(Unable.MOVED_ON)
            active = kept(tx, kept(tx, mandate.moved(MandateState.OFFERED, at)).begun(at, at))
        evidence = {"reference": legal.reference, "request": str(request.request_id), "asked_by": str(request.account)}
        tx.audit.append(event(MandateApproved, active, by, reason=legal.kind.value, more=evidence), at=at)
        tell_both(tx, MandateApproved, active, at)

    def _drawn(self, payload: Payload, at: datetime) -> Mandate:
        represented, representative = two(payload)
        ends_at = datetime.fromisoformat(str(payload["ends_at"]))
        permissions = tuple(self._permissions(payload))
        if not permissions:
            raise MandateUnableError(Unable.NOTHING)
        if ends_at <= at:
            raise MandateUnableError(Unable.MOVED_ON)
        return Mandate(
            mandate_id=MandateId(UUID(str(payload["mandate"]))),
            route=Route.LEGAL,
            state=MandateState.REQUESTED,
            represented=represented,
            representative=representative,
            permissions=permissions,
            starts_at=at,
            ends_at=ends_at,
            made_at=at,
            answer_by=min(at + ANSWER_WITHIN, ends_at),
            changed_at=at,
        )

    def _permissions(self, payload: Payload) -> Iterator[Permission]:
        listed = payload["permissions"]
        for service, app in listed if isinstance(listed, list) else ():
            known = self.registrations.client(app) if app else None
            if self.registrations.data_service(service) is None or (app and (known is None or not known.active)):
                raise MandateUnableError(Unable.NOTHING)
            yield Permission(self.random.uuid(), service, None, ClientId(app) if app else None)


@dataclass(frozen=True, slots=True)
class EndingLegalMandate:
    """`vad.services.approvals.Change`: it ends, with all that rested on it."""

    end: MandateEnd
    kind: str = END
    action: StaffAction = StaffAction.LEGAL_MANDATES_CHANGE

    def about(self, payload: Payload) -> About:
        """Whose data it is, and who acts for them."""
        return about_two(payload)

    def prepare(self, payload: Payload, at: datetime) -> None:
        """Nothing to ask."""

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:
        """See that it is still in force."""
        in_force(tx.mandates.get(MandateId(UUID(str(payload["mandate"])))), at)

    def carry_out(self, tx: UnitOfWork, request: StaffRequest, by: StaffMember, at: datetime) -> None:
        """End it."""
        known = in_force(held(tx, MandateId(UUID(str(request.payload["mandate"])))), at)
        if self.end.of(tx, known, MandateState.ENDED, at, by=by, reason=BY_STAFF) is None:
            raise OutdatedError(Unable.MOVED_ON)


def ask_register(parties: MandateParties, payload: Payload, at: datetime) -> None:
    """Ask the register about both of them: whether it speaks against it. Raises `OutdatedError`."""
    represented, representative = two(payload)
    with outdated():
        parties.check_representative(representative, at)
        evidence = parties.evidence_of(represented, at)
        why = unable_to_be_represented(LegalKind(str(payload["legal_kind"])), evidence, at)
        if why is not None:
            raise MandateUnableError(why)


@contextmanager
def outdated() -> Iterator[None]:
    """What can't be is over for the request as well; but not what the register may say tomorrow."""
    try:
        yield
    except MandateUnableError as error:
        if error.why is Unable.UNSURE:
            raise
        raise OutdatedError(error.why) from None
    except MoveError:
        raise OutdatedError(Unable.MOVED_ON) from None


def in_force(mandate: Mandate | None, at: datetime) -> Mandate:
    """It, if it is on the ground of law and in force. Raises `OutdatedError`."""
    if mandate is None or mandate.route is not Route.LEGAL or mandate.standing(at) is not MandateState.ACTIVE:
        raise OutdatedError(Unable.MOVED_ON)
    return mandate


def two(payload: Payload) -> tuple[PersonId, PersonId]:
    """Whose data it is, and who acts for them."""
    return PersonId(UUID(str(payload["represented"]))), PersonId(UUID(str(payload["representative"])))


def about_two(payload: Payload) -> About:
    """Both of them, and the mandate."""
    represented, representative = two(payload)
    evidence = {"mandate": str(payload["mandate"])}
    return About(frozenset({represented, representative}), represented=represented, evidence=evidence)
