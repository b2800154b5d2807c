"""What the mock identity provider of staff must be told beside that: who works there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vad.sandbox.fields import items, known_only, text
from vad.sandbox.openid.config import NAMES, ProviderConfig, shared
from vad.sandbox.staff_idp.staff import StaffPerson


@dataclass(frozen=True, kw_only=True)
class Config(ProviderConfig):
    """The whole configuration. `acr` is what it says of a login with two factors."""

    acr: str
    staff: tuple[StaffPerson, ...] = field(repr=False)

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Config":
        """Read what `to_json` wrote. Raises `ConfigError` with one line."""
        known_only(raw, (*NAMES, "acr", "staff"))
        return Config(
            **shared(raw),
            acr=text(raw, "acr"),
            staff=tuple(StaffPerson.from_json(person) for person in items(raw, "staff")),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the configuration, private key included, as plain JSON values."""
        return super().to_json() | {"staff": [person.to_json() for person in self.staff]}
