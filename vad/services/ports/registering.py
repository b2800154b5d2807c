"""PostgreSQL: changing registrations one at a time; and reading what somebody filled in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.client import Client, Jwk, ResourceServer
from vad.domain.errors import VadError
from vad.domain.registration_fault import Fault


class RegistrationFaultError(VadError):
    """What was filled in can't be registered; `faults` say why, field by field, without what was typed."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(faults)


class NotReadError(RegistrationFaultError):
    """What an app publishes can't be had now, so nobody knows whether it fits: that decides nothing."""


@dataclass(frozen=True, slots=True)
class Registered:
    """All registrations, as they are now."""

    clients: Mapping[str, Client]
    sources: Mapping[str, ResourceServer]
    services: frozenset[str]
    of_pages: frozenset[str]
    """Those that the pages look after, and `vad clients apply` leaves alone."""


@dataclass(frozen=True, slots=True)
class RegisteredItself:
    """That an app registered itself (RFC 7591), and by whose word."""

    at: datetime
    offer: str
    """How the log names the initial access token; empty where nobody wrote it down."""
    label: str
    """What the operator called that token."""
    admitted: bool
    """Whether that token admitted it to every source at once: nobody of the staff did."""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a page says of a public key."""

    kid: str
    kind: str
    thumbprint: str
    """RFC 7638: by it two people know that they mean the same key."""
    expires: datetime | None
    """When the certificate that came with it ends; None: it came without one."""


class RegistrationChanges(Protocol):
    """Registrations that staff change. Every process sees a change with its next look, within a second."""

    def held(self) -> Registered:
        """All of them; nobody else changes any until this unit of work is over."""

    def known(self) -> Registered:
        """All of them, to look at: nobody waits for whoever looks."""

    def by_themselves(self) -> Mapping[str, RegisteredItself]:
        """The apps that registered themselves, those that ended included."""

    def put_client(self, client: Client, at: datetime) -> None: ...

    def put_source(self, source: ResourceServer, at: datetime) -> None: ...


class SectorDocuments(Protocol):
    """What an app publishes of its sector (OIDC Dynamic Registration section 5)."""

    def check(self, client: Client) -> None:
        """See that its `sector_identifier_uri`, if it has one, lists every redirect URI.

        Raises `RegistrationFaultError`; `NotReadError` where the address does not answer.
        """


class PublishedKeysFit(Protocol):
    """The keys that an app publishes, as far as its registration rests on what is there."""

    def check(self, client: Client) -> None:
        """See that there is one to encrypt to, and a certificate, where it is registered to have them there.

        Raises `RegistrationFaultError`; `NotReadError` where its keys can't be had.
        """


class RegistrationReader(Protocol):
    """What somebody filled in, checked as what stands in a file is."""

    def client(self, entry: Mapping[str, object]) -> Client:
        """Raises `RegistrationFaultError`."""

    def client_by_itself(self, entry: Mapping[str, object]) -> Client:
        """The same of an app that registers itself: a key that VAD can do nothing with is passed over.

        As where an app publishes its keys (RFC 7517 section 5). One key has to be left.
        """

    def jwks(self, text: str) -> tuple[Jwk, ...]:
        """A key set (RFC 7517 section 5) or one key, as JSON: public keys. Raises `RegistrationFaultError`."""

    def jwks_uri(self, text: str) -> str:
        """The address at which an app publishes its keys. Raises `RegistrationFaultError`."""

    def encryption_key(self, text: str) -> Jwk:
        """One public key to encrypt to. Raises `RegistrationFaultError`."""

    def check_source(self, source: ResourceServer) -> None:
        """See that its keys do all that its registration wants of them. Raises `RegistrationFaultError`."""

    def facts(self, jwk: Jwk) -> KeyFacts: ...
