"""PostgreSQL: mandates on the ground of law."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate_legal import Legal, LegalKind


@dataclass(frozen=True, slots=True)
class ListedLegal:
    """One that is in force, as a list shows it."""

    mandate_id: MandateId
    kind: LegalKind
    reference: str
    represented: PersonId
    representative: PersonId
    starts_at: datetime
    ends_at: datetime
    """When somebody must have looked at the decision again."""


class LegalMandates(Protocol):
    """What a mandate on the ground of law has beside what every mandate has. None is live that was not approved."""

    def add(self, mandate_id: MandateId, legal: Legal) -> None: ...

    def get(self, mandate_id: MandateId) -> Legal | None:
        """Hold it until this unit of work is over. None for any other mandate."""

    def approve(self, mandate_id: MandateId, by: PersonId) -> bool:
        """Write down who approved it. False where somebody did before."""

    def renew(self, mandate_id: MandateId, legal: Legal, until: datetime) -> None:
        """Let it rest on this decision, which lets it go on until then; `legal` says who asked and who approved."""

    def listed(self, at: datetime, limit: int) -> tuple[ListedLegal, ...]:
        """Those in force at `at`, the first to end first."""
