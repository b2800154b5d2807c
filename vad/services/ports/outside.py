"""The registers and DigiD."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import ResourceServer
from vad.domain.identifiers import Bsn
from vad.domain.person import Evidence
from vad.services.ports.volatile import PendingLogin, PersonName


@dataclass(frozen=True, slots=True)
class RegisteredPerson:
    """What the BRP answers about one person."""

    name: PersonName
    evidence: Evidence


class PersonRegister(Protocol):
    """The BRP."""

    def look_up(self, bsn: Bsn, at: datetime) -> RegisteredPerson | None:
        """None when the register does not know this BSN."""


class PseudonymService(Protocol):
    """The PRS."""

    def rid_for(self, bsn: Bsn, source: ResourceServer) -> str:
        """A one-time reference that only this source can swap for its own pseudonym."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who came back from DigiD, and how strongly."""

    bsn: Bsn
    level: LevelOfAssurance
    auth_time: datetime


class IdentityProvider(Protocol):
    """DigiD."""

    def begin(self, login: PendingLogin) -> str:
        """The address to send the browser to."""

    def complete(self, login: PendingLogin, response: Mapping[str, str], at: datetime) -> Identity:
        """Check what came back and who it is. Raises `LoginFailedError`, `RegisterUnavailableError`."""
