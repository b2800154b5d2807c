"""The keys of VAD, for staff: what each is for, its state, its age, and what comes next (A8).

Moving a key takes the role that owns the database, which no process that answers HTTP has. So the page says which
command does it; whoever runs it has that role.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.domain.staff import StaffAction, StaffMember, check


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One key, as the database has it."""

    key_id: str
    purpose: str
    algorithm: str
    state: str
    since: datetime
    """When it came to be in this state."""
    most_days: int | None
    """How many days it may be in use; None: as long as it lives."""
    certified_until: datetime | None = None
    """When its certificate ends; None: it has none, or one that is published for nobody."""
    certificate_faulty: bool = False
    """Whether what is stored can't be read, or is the certificate of another key."""


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key, as the page shows it."""

    entry: KeyEntry
    days: int
    due: datetime | None
    """When another should be in use; None: never, or it is not in use."""
    overdue: bool
    command: str
    """What takes the next step; empty: there is none."""
    certificate_ended: bool


@dataclass(frozen=True, slots=True)
class LogKey:
    """The key that signs the log, which is in no database (ADR 0028)."""

    name: str
    """And its id."""
    public: str
    """Its public half, as auditors have it; empty: the settings do not know it."""
    since: datetime
    """When the log was first signed with it."""

    def days(self, at: datetime) -> int:
        """For how long that has been so."""
        return (at - self.since).days


@dataclass(frozen=True, slots=True)
class KeyOverview:
    """The use case."""

    stored: Callable[[], Iterable[KeyEntry]]
    signing_log: Callable[[], LogKey | None]
    log_key_days: int
    """How many days the key of the log may be in use."""

    def log_key(self, member: StaffMember) -> LogKey | None:
        """The one with which the log was signed last."""
        check(member, StaffAction.KEYS_VIEW)
        return self.signing_log()

    def keys(self, member: StaffMember, at: datetime) -> tuple[KeyLine, ...]:
        """Every key, by purpose."""
        check(member, StaffAction.KEYS_VIEW)
        lines = (_line(entry, at) for entry in self.stored())
        return tuple(sorted(lines, key=lambda line: (line.entry.purpose, line.entry.algorithm, line.entry.since)))


def _line(entry: KeyEntry, at: datetime) -> KeyLine:
    active = entry.state == "active" and entry.most_days is not None
    due = entry.since + timedelta(days=entry.most_days) if active and entry.most_days is not None else None
    commands = {
        "active": f"vad keys rotate {entry.purpose}" if active else "",
        "next": f"vad keys rotate {entry.purpose}",
    }
    command = commands.get(entry.state, f"vad keys retire {entry.key_id}")
    ended = entry.certified_until is not None and entry.certified_until <= at
    return KeyLine(entry, (at - entry.since).days, due, due is not None and due <= at, command, ended)
