"""Mandates as staff see them: found by who is in them and how they stand, each with its life and its uses (rule 43)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate import Mandate
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services.log_inquiry import life
from vad.services.ports.log_search import LoggedEvent, LogPosition, MandateFilter
from vad.services.ports.records import UnitOfWorkFactory

PAGE = 25
"""Mandates, or events of one, on a page."""


@dataclass(frozen=True, slots=True)
class FoundMandates:
    """A page of them. It may be shorter than others: what is about who looks is left out."""

    mandates: tuple[Mandate, ...]
    further: tuple[datetime, UUID] | None
    """After which the next page begins; None where this is the last."""


@dataclass(frozen=True, slots=True)
class MandateInquiry:
    """The use case. Raises `NotPermittedError`, `OwnCaseError`."""

    work: UnitOfWorkFactory

    def search(
        self, member: StaffMember, wanted: MandateFilter, after: tuple[datetime, UUID] | None = None
    ) -> FoundMandates:
        """The latest change first, without those in which this member is themself; changed before `after`."""
        concerned = (wanted.person, wanted.represented, wanted.representative)
        check(member, StaffAction.MANDATES_SEARCH, [each for each in concerned if each is not None])
        with self.work() as tx:
            found = tx.log_questions.mandates(wanted, PAGE, after)
        further = (found[-1].changed_at, found[-1].mandate_id) if len(found) == PAGE else None
        return FoundMandates(tuple(each for each in found if member.person not in people(each)), further)

    def mandate(self, member: StaffMember, mandate_id: MandateId) -> Mandate | None:
        """One of them."""
        check(member, StaffAction.MANDATES_VIEW)
        with self.work() as tx:
            found = tx.mandates.get(mandate_id)
        if found is not None:
            check(member, StaffAction.MANDATES_VIEW, people(found))
        return found

    def timeline(
        self, member: StaffMember, mandate: Mandate, at: datetime, after: LogPosition | None = None
    ) -> tuple[LoggedEvent, ...]:
        """What happened to it and on it, the newest first; older than `after`."""
        check(member, StaffAction.MANDATES_VIEW, people(mandate))
        with self.work() as tx:
            return tx.log.find(life(mandate.mandate_id, mandate.made_at, at), PAGE, after)


def people(mandate: Mandate) -> frozenset[PersonId]:
    """Whom it is about."""
    return frozenset(each for each in (mandate.represented, mandate.representative) if each is not None)
