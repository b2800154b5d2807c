"""PostgreSQL: what waits for a second person, and what became of it. Nothing of it is deleted."""

from datetime import datetime
from typing import Protocol

from vad.domain.approval import StaffRequest
from vad.domain.identifiers import RequestId


class StaffRequests(Protocol):
    """Requests, whatever became of them."""

    def add(self, request: StaffRequest) -> None: ...

    def get(self, request_id: RequestId) -> StaffRequest | None: ...

    def hold(self, request_id: RequestId) -> StaffRequest | None:
        """The request as it is now; it stays so until this unit of work is over."""

    def waiting(self, at: datetime, limit: int) -> tuple[StaffRequest, ...]:
        """What nobody has decided and is not too old at `at`, the oldest first."""

    def over(self, limit: int) -> tuple[StaffRequest, ...]:
        """What was decided, taken back or expired, the newest first."""

    def decide(self, request: StaffRequest) -> bool:
        """Write down what became of it, and by whom. False where somebody was first."""

    def expire(self, at: datetime, limit: int) -> tuple[tuple[RequestId, str], ...]:
        """Write down which ones nobody decided in time; returns them, each with its kind.

        With what the worker may know of a request: that there is one, of what kind, and until when.
        """
