"""What a data source demands of the login behind a token, and how it says so (RFC 9470).

The token tells how the person logged in (`acr`) and when (`auth_time`), signed by VAD. VAD makes no token below the
level for which a source is registered; this is for what needs more than the rest of that source.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vad.sandbox import fields
from vad.sandbox.refusals import Reason, RefusedError

_ACR = re.compile(r"[!#-\[\]-~]+")
"""What may stand between quotes in a header, without a blank."""
_DESCRIPTIONS = {
    Reason.LOGIN_TOO_WEAK: "A different authentication level is required",
    Reason.LOGIN_TOO_OLD: "More recent authentication is required",
}


@dataclass(frozen=True)
class Demand:
    """A login at one of the levels `acr_values` (empty: at any), at most `max_age` seconds ago (None: whenever)."""

    acr_values: tuple[str, ...] = ()
    max_age: int | None = None

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], /) -> "Demand":
        """The demand written as JSON. Raises ConfigError: what demands nothing is a mistake."""
        fields.known_only(raw, set(cls.__dataclass_fields__))
        acr_values, max_age = fields.texts(raw, "acr_values") if "acr_values" in raw else (), raw.get("max_age")
        if not all(_ACR.fullmatch(value) for value in acr_values):
            raise fields.ConfigError("acr_values must be names without blanks and quotes")
        if max_age is not None and (type(max_age) is not int or max_age < 1):
            raise fields.ConfigError("max_age must be a number of seconds")
        if not acr_values and max_age is None:
            raise fields.ConfigError("acr_values or max_age must be there")
        return cls(acr_values, max_age)

    def check(self, claims: Mapping[str, Any], now: float) -> None:
        """Raise `StepUpError` unless the login that these verified claims tell of will do; `now` in Unix seconds."""
        if self.acr_values and claims.get("acr") not in self.acr_values:
            raise StepUpError(Reason.LOGIN_TOO_WEAK, self)
        if self.max_age is not None:
            at = claims.get("auth_time")
            if type(at) is not int or now - at > self.max_age:
                raise StepUpError(Reason.LOGIN_TOO_OLD, self)


class StepUpError(RefusedError):
    """The token is good, and the login behind it is not enough."""

    def __init__(self, reason: Reason, demand: Demand) -> None:
        super().__init__(reason)
        self._demand = demand

    @property
    def challenge(self) -> str:
        """The parameters of `WWW-Authenticate` (RFC 9470, section 3): the demand whole, so that one login meets it."""
        parameters = {"error": "insufficient_user_authentication", "error_description": _DESCRIPTIONS[self.reason]}
        if self._demand.acr_values:
            parameters["acr_values"] = " ".join(self._demand.acr_values)
        if self._demand.max_age is not None:
            parameters["max_age"] = str(self._demand.max_age)
        return ", ".join(f'{name}="{value}"' for name, value in parameters.items())
