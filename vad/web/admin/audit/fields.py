"""The kinds of values that the API of the log takes: a day, a reference, words without a BSN."""

import re
from datetime import date
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, StrictBool, StringConstraints

from vad.domain.justification import LONGEST_REASON, SHORTEST_REASON, holds_bsn

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{5}(-[A-Z2-7]{5}){4}-[A-Z2-7]$")]


def _without_bsn(text: str) -> str:
    """The log keeps what was asked of it."""
    if holds_bsn(text):
        raise ValueError("a BSN is not looked for here")
    return text


Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
    AfterValidator(_without_bsn),
]
_DAY: Final = r"\d{4}-\d{2}-\d{2}"
_FIRST_YEAR, _LAST_YEAR = 1900, 9000


def _written(value: object) -> object:
    """A day is written as one: no number that could be seconds, in an address or a body."""
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(_DAY, value)):
        return value
    raise ValueError("a day is written as yyyy-mm-dd")


def _of_some_log(day: date) -> date:
    """Before and after these years there are no events, and some days there have no midnight."""
    return min(max(day, date(_FIRST_YEAR, 1, 1)), date(_LAST_YEAR, 12, 31))


Day = Annotated[date, BeforeValidator(_written), AfterValidator(_of_some_log)]
_FLAGS: Final = {"true": True, "false": False}


def _flag(value: object) -> object:
    """As an address has it, and no other words for it; in a body it is no text."""
    return _FLAGS.get(value, value) if isinstance(value, str) else value


Flag = Annotated[StrictBool, BeforeValidator(_flag)]
_ONE_LINE: Final = r"^[!-~\u00a1-\u024f]+( [!-~\u00a1-\u024f]+)*$"
Words = Annotated[str, StringConstraints(min_length=SHORTEST_REASON, max_length=LONGEST_REASON, pattern=_ONE_LINE)]
CaseNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9./_-]{0,38}[A-Za-z0-9])?$")]
