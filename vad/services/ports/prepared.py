"""Redis: what apps prepared, until the person confirms it or it is too late."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from vad.domain.identifiers import ClientId, MandateId


@dataclass(frozen=True, slots=True)
class Prepared:
    """An offer, or the answer to one, as an app prepared it. Nothing of it counts yet."""

    name: UUID
    """Names it in the address of its page."""
    owner: str
    """Whose it is (`Handles.owner`): to anybody else it is not there."""
    client_id: ClientId
    expires_at: datetime
    mandate_id: MandateId | None = None
    """What is to be answered; None: it is an offer, which the rest describes."""
    label: str = field(default="", repr=False)
    data_services: frozenset[str] = frozenset()
    every_app: bool = False
    """Whether it is for all apps; else for the one that prepared it."""
    last_day: date = date.max


class PreparedMandates(Protocol):
    """Prepared offers and answers, sealed, by name."""

    def add(self, prepared: Prepared, at: datetime) -> None: ...

    def get(self, name: UUID) -> Prepared | None: ...

    def take(self, name: UUID) -> Prepared | None:
        """Remove and return it: one winner among any number of callers."""
