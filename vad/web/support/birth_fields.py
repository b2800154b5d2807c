"""The three fields of a birth date, wherever a form asks for one."""

from typing import Final

from flask import request

from vad.domain.age import BirthDate, written

NAMES: Final = ("birth_year", "birth_month", "birth_day")
_LONGEST, _LONGEST_SHOWN = 4, 40
"""Characters of one of them that count, and that are shown again."""


def typed() -> dict[str, str]:
    """What stands in each, to be shown again as it was typed."""
    return {name: request.form.get(name, "")[:_LONGEST_SHOWN] for name in NAMES}


def parts() -> dict[str, str]:
    """What counts of each."""
    return {name: request.form.get(name, "").strip()[:_LONGEST] for name in NAMES}


def birth_date() -> BirthDate | None:
    """The date; None for what is none."""
    return written(*parts().values())
