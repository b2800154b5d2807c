"""PostgreSQL: mandates on the ground of law."""

from typing import Protocol

from vad.domain.identifiers import MandateId, PersonId
from vad.domain.mandate_legal import Legal


class LegalMandates(Protocol):
    """What a mandate on the ground of law has beside what every mandate has. None is live that was not approved."""

    def add(self, mandate_id: MandateId, legal: Legal) -> None: ...

    def get(self, mandate_id: MandateId) -> Legal | None:
        """Hold it until this unit of work is over. None for any other mandate."""

    def approve(self, mandate_id: MandateId, by: PersonId) -> bool:
        """Write down who approved it. False where somebody did before."""
