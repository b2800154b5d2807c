"""The SSO session: what a DigiD login leaves behind in one browser (rules 2 and 36)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vad.domain.assurance import LevelOfAssurance
from vad.domain.identifiers import ClientId, PersonId, Sid

IDLE_LIFE = timedelta(minutes=15)
ABSOLUTE_LIFE = timedelta(hours=2)
RECENT = timedelta(minutes=5)
"""So long ago at most a person logged in who confirms what an app prepared: whoever finds a browser open can't."""


@dataclass(frozen=True, slots=True)
class Session:
    """One login of one person in one browser."""

    sid: Sid
    person_id: PersonId
    level: LevelOfAssurance
    """The level that came back from DigiD, not the one that was asked for."""
    auth_time: datetime
    last_active: datetime
    """The last request of the person to a page of VAD; nothing that an app does counts."""
    clients: frozenset[ClientId] = frozenset()
    """The apps that the person has logged in to by name in this session (rule 37)."""
    through: ClientId | None = None
    """The app by whose hand the person does something; None: on VAD's own pages. Never kept."""

    @property
    def ends_at(self) -> datetime:
        """The absolute end: nothing that rests on this login outlives it."""
        return self.auth_time + ABSOLUTE_LIFE

    def live(self, at: datetime) -> bool:
        """Whether the browser session still holds: used within 15 minutes and under 2 hours old."""
        return at < self.ends_at and at < self.last_active + IDLE_LIFE

    def recent(self, at: datetime) -> bool:
        """Whether the person logged in a moment ago."""
        return at < self.auth_time + RECENT

    def active(self, at: datetime) -> "Session":
        """The same session after a request of the person at `at`."""
        return replace(self, last_active=max(self.last_active, at))

    def logged_in_to(self, client_id: ClientId) -> "Session":
        """The same session after the person logged in to this app by name."""
        return replace(self, clients=self.clients | {client_id})
