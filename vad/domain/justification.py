"""Why a member of staff looks at something that is not theirs to see every day (rules 40 and 44)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from vad.domain.errors import InvalidIdentifierError, VadError
from vad.domain.identifiers import Bsn

SHORTEST_REASON, LONGEST_REASON = 10, 500
CASE_NUMBER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9./_-]{0,38}[A-Za-z0-9])?")
"""Of a case, here or at a court: no room for a name."""
_NINE_DIGITS = re.compile(r"(?<!\d)\d(?:[ .-]?\d){8}(?!\d)")
_BY_CHANCE = re.compile(r"\b[\da-f]{8}(-?)(?:[\da-f]{4}\1){3}[\da-f]{12}\b", re.IGNORECASE)
"""A name that VAD made itself: of a request, a login, a grant. One in some hundreds holds nine digits that would do."""


class JustificationFault(StrEnum):
    """What is wrong with what was typed."""

    REASON = "reason"
    """Too short to be one, or too long."""
    CASE_NUMBER = "case_number"
    BSN = "bsn"
    """There is a BSN in it: it would stay in the log, in clear."""


class JustificationError(VadError):
    """What was typed is no reason or no case number; `fault` says which, the text itself is not repeated."""

    def __init__(self, fault: JustificationFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True, repr=False)
class Justification:
    """A reason in words and the number of the case it belongs to. Both are erasable fields of the event (rule 41)."""

    reason: str
    case_number: str

    def __post_init__(self) -> None:
        number = self.case_number.strip()
        object.__setattr__(self, "reason", checked_reason(self.reason))
        object.__setattr__(self, "case_number", number)
        if not CASE_NUMBER.fullmatch(number):
            raise JustificationError(JustificationFault.CASE_NUMBER)
        if holds_bsn(number):
            raise JustificationError(JustificationFault.BSN)

    @property
    def erasable(self) -> dict[str, str]:
        """As `AuditEvent.erasable` takes it."""
        return {"reason": self.reason, "case_number": self.case_number}


def checked_reason(text: str) -> str:
    """A reason in words, on one line. Raises `JustificationError`."""
    reason = " ".join(text.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise JustificationError(JustificationFault.REASON)
    if holds_bsn(reason):
        raise JustificationError(JustificationFault.BSN)
    return reason


def holds_bsn(text: str) -> bool:
    """Whether there is a BSN in it, however its digits are grouped. None is in a name that was made by chance."""
    for found in _NINE_DIGITS.finditer(_BY_CHANCE.sub("", text)):
        try:
            Bsn("".join(character for character in found.group() if character.isdigit()))
        except InvalidIdentifierError:
            continue
        return True
    return False
