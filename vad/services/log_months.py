"""What the database holds of a month of the log, for the two who let it go: not what is not there (rule 41)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from vad.domain.approval import OutdatedError
from vad.services.agreed_commands import CommandChange
from vad.services.approvals import Payload
from vad.services.ports.log_search import LogFilter
from vad.services.ports.records import UnitOfWork

MOST: Final = 1_000_000
"""Counted at most: a page waits for it."""


@dataclass(frozen=True, slots=True)
class HeldMonth:
    """A month as it stands in the database."""

    events: int
    """`MOST` where there are more."""
    purged_at: datetime | None
    """When its events left the database, if they did."""

    def check(self) -> None:
        """Let a month through that can leave the database. Raises `OutdatedError`."""
        if self.purged_at is not None:
            raise OutdatedError("month_purged")
        if not self.events:
            raise OutdatedError("month_empty")


def held(tx: UnitOfWork, first: date) -> HeldMonth:
    """What there is of the month that begins on this day, as a purge bounds it: in UTC."""
    begins = datetime(first.year, first.month, 1, tzinfo=UTC)
    ends = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=UTC)
    return HeldMonth(tx.log.count(LogFilter(since=begins, until=ends), MOST), tx.log.purged(first))


def first_day(month: str) -> date:
    """Of a month as people write it, 2020-02. Raises `ValueError`."""
    return date.fromisoformat(f"{month}-01")


class PurgingMonth(CommandChange):
    """`vad.services.approvals.Change`: a month is there when it is asked for, and as large when that is agreed to."""

    __slots__ = ()

    def check(self, tx: UnitOfWork, payload: Payload, at: datetime) -> None:  # noqa: ARG002 - as `Change` has it
        """Raise `OutdatedError` where it has left the database since, or has changed."""
        found = held(tx, first_day(str(payload["month"])))
        found.check()
        if payload.get("events", found.events) != found.events:
            raise OutdatedError("changed_meanwhile")
