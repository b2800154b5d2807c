"""The staff of the neighbourhood: accounts with roles, and the test person behind each."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from vad.sandbox.fields import ConfigError, known_only, text, texts
from vad.sandbox.persons import is_bsn

_NAMES = ("subject", "name", "roles", "bsn", "story_nl", "story_en")


@dataclass(frozen=True)
class StaffPerson:
    """One account. `bsn` is that of the test person whose it is: who enrols needs their DigiD."""

    subject: str
    name: str
    roles: tuple[str, ...]
    bsn: str = field(repr=False)
    story_nl: str
    story_en: str

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "StaffPerson":
        """Read what `to_json` wrote. Raises `ConfigError`."""
        known_only(raw, _NAMES)
        bsn = text(raw, "bsn")
        if not (is_bsn(bsn) and bsn.startswith("999")):
            raise ConfigError("bsn must be a test person's")
        return StaffPerson(
            subject=text(raw, "subject"),
            name=text(raw, "name"),
            roles=texts(raw, "roles"),
            bsn=bsn,
            story_nl=text(raw, "story_nl"),
            story_en=text(raw, "story_en"),
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self) | {"roles": list(self.roles)}


def load_staff(files: Iterable[Path]) -> tuple[StaffPerson, ...]:
    """The `[[staff]]` of these files. Raises `ConfigError` naming the file."""
    found: dict[str, StaffPerson] = {}
    for file in files:
        try:
            entries = tomllib.loads(file.read_text("utf-8")).get("staff", [])
            found |= {person.subject: person for person in map(StaffPerson.from_json, entries)}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ConfigError) as error:
            raise ConfigError(f"{file.name}: {error}") from None
    return tuple(found.values())
