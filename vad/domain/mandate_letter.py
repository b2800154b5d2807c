"""Asking for a mandate by letter, of somebody without a DigiD (rule 23)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from vad.domain.age import BirthDate
from vad.domain.identifiers import Bsn
from vad.domain.mandate import ANSWER_WITHIN, TermError, TermFault
from vad.domain.mandate_parties import unable
from vad.domain.person import Evidence

MOST_WRONG_STOPS = 5
"""Wrong birth dates with one stop code; then the telephone is what is left (rule 24)."""


A_YEAR, A_DAY = timedelta(days=365), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LetterRules:
    """What an installation may set."""

    wait: timedelta = timedelta(days=7)
    """Between the letter that says how to stop a mandate, and its beginning."""
    per_year: int = 3
    """Letters with a code that one person gets, whoever asks for them."""
    asked_per_day: int = 5
    """Letters that one person may ask for: each costs somebody else's peace."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a letter is for, in the words of whoever asks for it."""

    bsn: Bsn
    birth: BirthDate = field(repr=False)


class Withheld(StrEnum):
    """Why no letter is sent. For the log alone: whoever asked hears the same as always."""

    UNKNOWN = "unknown"
    """Nobody has this BSN, or somebody who was born on another day."""
    UNABLE = "unable"
    """Too young, died, under curatele, or the register is not sure."""
    SWITCHED_OFF = "switched_off"
    """A block, or their own choice, stands in the way."""
    SAME = "same"
    """There is a live mandate for some of it."""
    ENOUGH = "enough"
    """They got as many letters as anybody gets in a year."""


def withheld(asked: Addressee, evidence: Evidence | None, age: int, at: datetime) -> Withheld | None:
    """Why this person gets no letter, as far as the register goes; None: nothing stands in the way.

    `age`: the least that somebody must be to give a mandate, in years. What the register knows of a birth date in part
    must be given in the same part.
    """
    if evidence is None or evidence.birth.year is None or evidence.birth != asked.birth:
        return Withheld.UNKNOWN
    return None if unable(evidence, age, at) is None else Withheld.UNABLE


def check_not_too_soon(ends_at: datetime, wait: timedelta, at: datetime) -> None:
    """Raise `TermError` for an end that comes before a code by post can have been answered, and the wait be over."""
    if ends_at <= at + ANSWER_WITHIN + wait:
        raise TermError(TermFault.TOO_SOON)
