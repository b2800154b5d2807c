"""A case: somebody says that something in their activity is not right, and the helpdesk looks into it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from vad.domain.identifiers import CaseId, PersonId, StaffId

LONGEST_TEXT: Final = 2000
"""Characters of what somebody writes in a case."""
SHORTEST_TEXT: Final = 5
_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what looks alike on paper, or sounds alike on the telephone as 0 and O do."""


class CaseState(StrEnum):
    """How far it is."""

    OPEN = "open"
    TAKEN = "taken"
    """Somebody of the helpdesk looks into it."""
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """How a case ended."""

    EXPLAINED = "explained"
    """It was right after all; the answer says why."""
    CORRECTED = "corrected"
    """It was not right, and something was done about it."""
    PASSED_ON = "passed_on"
    """Somebody else must look into it: an app, a data source, a municipality, the police."""
    WITHDRAWN = "withdrawn"
    """The person took it back."""


class Reach(StrEnum):
    """How the person wants to hear that there is an answer. The answer itself stands on their own page."""

    MAIL = "mail"
    LETTER = "letter"


class TextKind(StrEnum):
    """What a text in a case is."""

    COMPLAINT = "complaint"
    NOTE = "note"
    """Of the helpdesk, for the helpdesk; the person may ask to see it (AVG article 15)."""
    ANSWER = "answer"
    """To the person."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. What was written stands apart from it, so that it can be erased alone."""

    case_id: CaseId
    person_id: PersonId
    reach: Reach
    made_at: datetime
    event_id: UUID | None = None
    """The event that is not right; None: something else."""
    event_at: datetime | None = None
    state: CaseState = CaseState.OPEN
    taken_by: StaffId | None = None
    taken_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: CaseOutcome | None = None

    @property
    def reference(self) -> str:
        """How people speak of it."""
        return reference(self.case_id)


@dataclass(frozen=True, slots=True, repr=False)
class CaseText:
    """Something that was written in a case. Its `repr` says nothing of it."""

    text_id: UUID
    case_id: CaseId
    kind: TextKind
    written_at: datetime
    text: str
    written_by: StaffId | None = None
    """None: the person themself."""


def reference(case_id: CaseId) -> str:
    """The reference of a case: an M and ten characters, in groups."""
    number, characters = case_id.int >> 78, []
    for _ in range(10):
        number, digit = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[digit])
    code = "".join(characters)
    return f"M{code[:4]}-{code[4:7]}-{code[7:]}"


def meant(typed: str) -> str:
    """A reference as it is kept, of what somebody typed."""
    code = "".join(character for character in typed.upper() if character.isalnum())
    return f"{code[:5]}-{code[5:8]}-{code[8:]}"


def tidy(typed: str) -> str | None:
    """What somebody wrote, as it is kept; None: too short to say something, or too long."""
    text = "\n".join(" ".join(line.split()) for line in typed.strip().splitlines())
    return text if SHORTEST_TEXT <= len(text) <= LONGEST_TEXT else None
