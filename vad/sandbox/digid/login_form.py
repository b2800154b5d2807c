"""What somebody filled in on the login page, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from vad.sandbox.digid.levels import SUBSTANTIEEL, Level, by_value
from vad.sandbox.persons import is_bsn

OUTCOMES = ("ok", "cancel", "failure", "too_low")


@dataclass(frozen=True)
class LoginForm:
    """The fields as typed, to be shown again; and what they mean. `errors` maps a field's id to the key of a text."""

    typed_bsn: str = field(default="", repr=False)
    person: str = field(default="", repr=False)
    level: str = SUBSTANTIEEL.value
    outcome: str = "ok"
    bsn: str = field(default="", repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def chosen_level(self) -> Level:
        """The level that was chosen; only meaningful without errors."""
        return by_value(self.level) or SUBSTANTIEEL


def parse(form: MultiDict[str, str], known: frozenset[str], minimum: Level) -> LoginForm:
    """Read the form. A typed BSN goes before a chosen person; it is a known person's, or one from the test range."""
    typed = form.get("bsn", "")[:40]
    person = form.get("person", "")
    outcome = "cancel" if form.get("action") == "cancel" else form.get("outcome", "")
    level = form.get("level", "")
    number = typed.replace(" ", "").replace(".", "")
    errors: dict[str, str] = {}
    if outcome not in OUTCOMES:
        errors["outcome"] = "error_outcome"
    if outcome in ("ok", "too_low"):
        if number and not (number in known or (is_bsn(number) and number.startswith("999"))):
            errors["bsn"] = "error_bsn"
        elif not number and person not in known:
            errors["bsn"] = "error_nobody"
        chosen = by_value(level)
        if chosen is None:
            errors["level"] = "error_level_unknown"
        elif chosen.rank < minimum.rank and outcome == "ok":
            # A real provider never answers below what was demanded; the outcome for that is "too_low".
            errors["level"] = "error_level"
    return LoginForm(typed, person, level, outcome, number or person, errors)
