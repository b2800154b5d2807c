"""The grant: what one redeemed authorization code gave an app, and the one place to take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vad.domain.assurance import LevelOfAssurance
from vad.domain.ground import Basis
from vad.domain.identifiers import ClientId, ConsentId, GrantId, MandateId, PersonId, ResourceId, Sid

REFRESH_RETRY_WINDOW = timedelta(seconds=30)
"""Within this time the client gets the same successor again when it repeats a refresh whose answer got lost."""

CLOCK_SKEW = timedelta(seconds=60)
"""That the clock of another process may be ahead of this one's."""


class GrantState(StrEnum):
    """Whether tokens may still come from it."""

    ACTIVE = "active"
    REVOKED = "revoked"
    """Taken back, for instance because its code or refresh token was used twice."""
    ENDED = "ended"
    """Its session was ended, or the mandate that it rests on."""


class RefreshUse(StrEnum):
    """What presenting a refresh token of a certain generation means (RFC 9700 section 4.14.2)."""

    ROTATE = "rotate"
    RETRY = "retry"
    REUSE = "reuse"


@dataclass(frozen=True, slots=True)
class Grant:
    """One redeemed code: who gave which app what, for how long. Every token names it by its `jti`."""

    grant_id: GrantId
    code_hash: bytes
    sid: Sid
    client_id: ClientId
    actor: PersonId
    subject: PersonId
    level: LevelOfAssurance
    auth_time: datetime
    session_ends_at: datetime
    data_services: frozenset[str]
    """The data-service scopes that were granted, over all sources together."""
    resources: tuple[ResourceId, ...]
    consents: tuple[ConsentId, ...]
    created_at: datetime
    state: GrantState = GrantState.ACTIVE
    refresh_generation: int = 0
    refreshed_at: datetime | None = None
    mandate: MandateId | None = None
    """What it rests on, where its actor acts on a mandate: no other mandate takes that one's place."""
    jkt: str = ""
    """Thumbprint of the key that its tokens are bound to (RFC 9449 section 6.1); empty: to none.

    Of one that was written: of the last refresh that gave a new refresh token, or else of its first tokens. Others may
    have been bound to another key: each says its own.
    """
    certificate: str = ""
    """Thumbprint of the certificate that all its tokens are bound to (RFC 8705 section 3.1); empty: to none."""
    openid: bool = True
    """Whether the scope `openid` was granted: the app may know who logged in."""
    basis: Basis | None = None
    """The one ground on which its app asked for it (RFC 9396): on no other does it give anything. None: whichever."""

    @property
    def confirmation(self) -> Mapping[str, str]:
        """What its tokens are bound to, as they say it (`cnf`, RFC 7800); empty: to nothing."""
        known = {"jkt": self.jkt, "x5t#S256": self.certificate}
        return {name: thumbprint for name, thumbprint in known.items() if thumbprint}

    def live(self, at: datetime) -> bool:
        """Whether tokens may come from it: not taken back, its session not ended and under 2 hours old."""
        return self.state is GrantState.ACTIVE and at < self.session_ends_at

    def refresh_use(self, generation: int, at: datetime) -> RefreshUse:
        """What it means that the refresh token of this generation is presented at `at`."""
        if generation == self.refresh_generation:
            return RefreshUse.ROTATE
        just_rotated = (
            self.refreshed_at is not None
            and self.refreshed_at - CLOCK_SKEW <= at <= self.refreshed_at + REFRESH_RETRY_WINDOW
        )
        if generation == self.refresh_generation - 1 and just_rotated:
            return RefreshUse.RETRY
        return RefreshUse.REUSE
