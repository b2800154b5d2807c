"""`vad.services.ports.outside.PersonClaims` of a sandbox: a file with fictional people."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vad.adapters.configuration.files import ConfigurationFileError
from vad.domain.identifiers import Bsn
from vad.domain.standard_claims import NAMES

_FICTIONAL = "999"
"""How the BSNs begin that nobody has: a file with anybody else in it is refused."""
_OTHERWISE: Mapping[str, type] = {
    "email_verified": bool,
    "phone_number_verified": bool,
    "updated_at": int,
    "address": dict,
}
"""Claims that are no text (OIDC Core section 5.1)."""


@dataclass(frozen=True, slots=True)
class PersonsFile:
    """What stood in the file when VAD started."""

    persons: Mapping[str, Mapping[str, object]] = field(repr=False)

    @classmethod
    def read(cls, file: Path) -> "PersonsFile":
        """Raises `ConfigurationFileError`, which quotes nothing of what is in there."""
        try:
            content = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            raise ConfigurationFileError(f"{file}: no JSON that can be read") from None
        if not isinstance(content, dict) or not all(map(_fictional, content.items())):
            raise ConfigurationFileError(f"{file}: not claims of fictional people, by BSN")
        return cls(content)

    def of(self, bsn: Bsn) -> Mapping[str, object]:
        return self.persons.get(bsn.reveal(), {})


def _fictional(entry: tuple[str, object]) -> bool:
    bsn, claims = entry
    return bsn.startswith(_FICTIONAL) and isinstance(claims, dict) and all(map(_fits, claims.items()))


def _fits(claim: tuple[str, object]) -> bool:
    name, value = claim
    if name not in NAMES or type(value) is not _OTHERWISE.get(name, str):
        return False
    return not isinstance(value, dict) or all(isinstance(line, str) for line in value.values())
