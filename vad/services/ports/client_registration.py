"""PostgreSQL: what apps that register themselves may do, and no more (RFC 7591, RFC 7592)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from vad.domain.client import Client
from vad.domain.identifiers import ClientId
from vad.domain.profile import Profile


@dataclass(frozen=True, slots=True)
class Offered:
    """What an initial access token allows: apps of this profile and organisation, whatever they say of themselves."""

    profile: Profile
    organisation: str


@dataclass(frozen=True, slots=True)
class Managed:
    """How an app proves that it may look after its registration."""

    token_sha256: bytes
    registered_at: datetime
    identity_fixed: bool
    """Sources admit it, or staff changed it: who it is has been agreed to, and is not its to say any more."""


class ClientRegistrations(Protocol):
    """Every change is one whole with the event of its unit of work, and every process sees it within a second."""

    def offered(self, initial_sha256: bytes) -> Offered | None:
        """None where this initial access token is unknown, used up or over."""

    def register(
        self, initial_sha256: bytes, management_sha256: bytes, client: Client, at: datetime
    ) -> datetime | None:
        """Add the app and use the token up, once; since when it is registered, as `managed` tells it from then on.

        None where somebody else used the token up first, or the name is taken.
        """

    def managed(self, client_id: ClientId) -> Managed | None:
        """None for an app that does not look after itself."""

    def change(self, client: Client, token_sha256: bytes, at: datetime) -> bool:
        """Replace its registration; False where that token is not the one any more, or who it is was fixed meanwhile.

        What the app has no say in stays: its name on the wire, profile, organisation, sector, and what staff gave it.
        """

    def end(self, client_id: ClientId, token_sha256: bytes) -> bool:
        """Serve it no more; False where that token is not the one any more."""
