"""What the BRP says of a person, as far as the rules need it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.age import BirthDate

EVIDENCE_LIFE_FOR_SELF = timedelta(hours=24)
"""How old evidence of age and death may be for one's own login, so that it survives a register outage."""

EVIDENCE_FRESH = timedelta(minutes=15)
"""How long a register answer is used without asking again."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the register answered about age and death, and when. Kept sealed with the person."""

    birth: BirthDate
    deceased: bool
    register: str
    """Which register and version answered, for the log."""
    answered_at: datetime
    doubtful: bool = False
    """The register is investigating the date of birth (`inOnderzoek`), or does not know the person at all."""
    curatele: bool | None = False
    """A court has placed the person under guardianship (`indicatieCurateleRegister`): they act for nobody. None: the
    register was not asked.
    """

    def usable_for_self(self, at: datetime) -> bool:
        """Whether this may still carry a decision about one's own data."""
        return at < self.answered_at + EVIDENCE_LIFE_FOR_SELF

    def as_record(self) -> dict[str, object]:
        """What the log keeps of it: which register answered when, and whether it was sure. No personal data."""
        return {
            "register": self.register,
            "register_answered_at": self.answered_at.isoformat(),
            "in_onderzoek": self.doubtful,
        }

    def fresh(self, at: datetime) -> bool:
        """Whether asking the register again can wait."""
        return at < self.answered_at + EVIDENCE_FRESH
