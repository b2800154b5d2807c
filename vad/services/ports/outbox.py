"""PostgreSQL: what must be done after a commit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """Something to deliver after the transaction that asked for it."""

    message_id: UUID
    kind: str
    payload: Mapping[str, object]
    attempts: int

    @property
    def destination(self) -> str:
        """Whom it goes to, as far as one receiver can hold up another: its kind and the source or app it names."""
        return f"{self.kind} {self.payload.get('resource') or self.payload.get('client_id') or ''}"


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many messages of one kind are not delivered."""

    kind: str
    waiting: int
    given_up: int
    oldest_seconds: float = field(default=0.0, compare=False)
    """How long the oldest of those that wait has been waiting."""


class Outbox(Protocol):
    """Deliveries that commit with their cause and are made by `vad worker`, at least once."""

    def add(self, kind: str, payload: Mapping[str, object], at: datetime) -> None: ...

    def take(self, at: datetime, limit: int, passing_over: Collection[str] = ()) -> tuple[OutboxMessage, ...]:
        """Due messages, locked for this unit of work; skips what another worker holds, and these destinations."""

    def delivered(self, message_id: UUID) -> None: ...

    def failed(self, message_id: UUID, retry_at: datetime | None) -> None:
        """Try again at `retry_at`; None: give up and keep it for the operator."""

    def backlog(self) -> tuple[Backlog, ...]:
        """What is not delivered, by kind."""
