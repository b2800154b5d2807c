"""The registers and DigiD."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import Client, ResourceServer
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.parental_authority import ParentalAuthority
from vad.domain.person import Evidence
from vad.services.ports.volatile import PendingLogin, PersonName


@dataclass(frozen=True, slots=True)
class RegisteredPerson:
    """What the BRP answers about one person."""

    name: PersonName
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class RegisteredSubject:
    """What the BRP answers about somebody for whom another may act."""

    person: RegisteredPerson
    authority: ParentalAuthority


class PersonRegister(Protocol):
    """The BRP. Everything raises `RegisterUnavailableError` where there is no answer, or none that is understood."""

    def look_up(self, bsn: Bsn, at: datetime) -> RegisteredPerson | None:
        """None when the register does not know this BSN."""

    def look_up_subject(self, bsn: Bsn, at: datetime) -> RegisteredSubject | None:
        """The same, with who holds authority over this person."""

    def minors_of(self, bsn: Bsn) -> tuple[Bsn, ...]:
        """Over whom this person may hold authority by their own answer: to list, not to decide."""


class PersonClaims(Protocol):
    """Somewhere that knows people by the standard claims of OpenID Connect (OIDC Core section 5.1)."""

    def of(self, bsn: Bsn) -> Mapping[str, object]:
        """What is known of this person, by the names of the claims; nothing where they are not known."""


class PublishedRequests(Protocol):
    """Requests that lie at an address of an app (RFC 9101 section 5.2)."""

    def read(self, client: Client, address: str) -> str:
        """What is there now, not looked at. Raises `RegisterUnavailableError`."""


class SubjectCache(Protocol):
    """What the BRP answered about those for whom others may act, sealed, for a quarter of an hour."""

    def get(self, person_id: PersonId) -> RegisteredSubject | None: ...

    def keep(self, person_id: PersonId, subject: RegisteredSubject) -> None: ...

    def listed(self, person_id: PersonId) -> tuple[PersonId, ...] | None:
        """Over whom this person may hold authority; None when nobody asked of late."""

    def list(self, person_id: PersonId, minors: Sequence[PersonId]) -> None: ...


class PseudonymService(Protocol):
    """The PRS."""

    def rid_for(self, bsn: Bsn, source: ResourceServer, at: datetime) -> str:
        """A one-time reference that only this source can swap for its own pseudonym, and that never left before."""


class PlainReferences(Protocol):
    """The PRS, for a scope of a source whose key is VAD's own."""

    def plain_rid(self, bsn: Bsn, source: ResourceServer, at: datetime) -> str:
        """A one-time reference in clear that only this source can swap, and that never left before."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who came back from DigiD, and how strongly."""

    bsn: Bsn
    level: LevelOfAssurance
    auth_time: datetime


@dataclass(frozen=True, slots=True)
class ActingIdentity:
    """Who came back from DigiD for somebody else (DigiD Machtigen): two persons, and never one.

    No `Identity`, so that nobody takes it for a login of either of them.
    """

    actor: Identity
    """The acting subject, who logged in."""
    represented: Bsn
    """The legal subject, for whom they did. Nothing of their own was proved."""


class IdentityProvider(Protocol):
    """DigiD."""

    def begin(self, login: PendingLogin) -> str:
        """The address to send the browser to."""

    def complete(self, login: PendingLogin, response: Mapping[str, str], at: datetime) -> Identity | ActingIdentity:
        """Check what came back and who it is. Raises `LoginFailedError`, `RegisterUnavailableError`."""
