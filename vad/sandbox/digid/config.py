"""What the mock DigiD must be told beside that: which test persons may log in, and how the page names its client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vad.sandbox.fields import items, known_only, text
from vad.sandbox.openid.config import NAMES, ProviderConfig, shared
from vad.sandbox.persons import Person


@dataclass(frozen=True, kw_only=True)
class Config(ProviderConfig):
    """The mock DigiD's whole configuration. The keys at `jwks_uri` sign and encrypt."""

    persons: tuple[Person, ...] = field(repr=False)
    client_name: str = "VAD"

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Config":
        """Read what `to_json` wrote. Raises `ConfigError` (or `PersonsError`) with one line."""
        known_only(raw, (*NAMES, "persons", "client_name"))
        return Config(
            **shared(raw),
            persons=tuple(Person.from_json(person) for person in items(raw, "persons")),
            client_name=text(raw, "client_name") if "client_name" in raw else "VAD",
        )

    def to_json(self) -> dict[str, Any]:
        """Return the configuration, private key included, as plain JSON values."""
        return super().to_json() | {"persons": [person.to_json() for person in self.persons]}
