"""PostgreSQL: cases, and what was written in them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.case import Case, CaseOutcome, CaseState, CaseText
from vad.domain.identifiers import CaseId, PersonId, StaffId


@dataclass(frozen=True, slots=True)
class CasePlace:
    """A place in the list: what comes after it was made later."""

    made_at: datetime
    case_id: CaseId


class Cases(Protocol):
    """The store."""

    def hold(self, person_id: PersonId) -> None:
        """Let whoever opens cases of this person wait until this unit of work is over."""

    def add(self, case: Case, complaint: CaseText) -> None:
        """Open it."""

    def count(self, person_id: PersonId, since: datetime) -> int:
        """How many cases this person opened."""

    def of(self, person_id: PersonId) -> tuple[Case, ...]:
        """Their cases, the newest first."""

    def get(self, case_id: CaseId) -> Case | None: ...

    def by_reference(self, reference: str) -> Case | None: ...

    def texts(self, case_ids: Collection[CaseId]) -> tuple[CaseText, ...]:
        """What was written in these, the oldest first. What was erased is not there."""

    def listed(self, state: CaseState, after: CasePlace | None, limit: int) -> tuple[Case, ...]:
        """Cases of all people in this state, the oldest first."""

    def take(self, case_id: CaseId, staff: StaffId, at: datetime) -> bool:
        """Let this member of staff have it. False when it is closed, or theirs already."""

    def write(self, text: CaseText) -> None:
        """Add a note or an answer."""

    def close(self, case_id: CaseId, staff: StaffId, outcome: CaseOutcome, at: datetime) -> bool:
        """Close it. False when it is not this member's, or closed."""
