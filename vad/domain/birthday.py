"""What is told before a birthday on which a child's rights change, and when (rule 12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from vad.domain.age import BirthDate, birthday
from vad.domain.identifiers import PersonId
from vad.domain.notice import Notice

AHEAD: Final = (60, 14)
"""How many days before the birthday both are told, the first time and the last."""


TURNING: Final[Mapping[int, tuple[Notice, Notice]]] = {
    12: (Notice.CHILD_TURNS_12, Notice.YOU_TURN_12),
    16: (Notice.CHILD_TURNS_16, Notice.YOU_TURN_16),
}
"""What the parent and what the child is told, by the age that is reached."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One birthday of one child, as one parent is to be told of it."""

    child: PersonId
    holder: PersonId
    years: int
    month: date
    """The first day of the month in which the first notice falls: no more than this of a date of birth is in clear."""
    told: int = 0
    """How many of the two notices are behind us."""


def watches(child: PersonId, holder: PersonId, birth: BirthDate, today: date) -> tuple[Watch, ...]:
    """The birthdays that lie ahead; none where the date of birth is not wholly known."""
    born = _born(birth)
    if born is None:
        return ()
    ahead = [(years, birthday(born, years)) for years in TURNING]
    return tuple(
        Watch(child, holder, years, (day - timedelta(days=AHEAD[0])).replace(day=1))
        for years, day in ahead
        if day > today
    )


def due(birth: BirthDate, years: int, today: date) -> int | None:
    """How many of the notices before this birthday are due; None when it is past, or nobody knows when it is."""
    born = _born(birth)
    if born is None:
        return None
    left = (birthday(born, years) - today).days
    return None if left <= 0 else sum(left <= days for days in AHEAD)


def _born(birth: BirthDate) -> date | None:
    return birth.earliest if birth.earliest == birth.latest else None
