"""What the use cases of staff lean on: their identity provider, their logins, their accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from vad.domain.break_glass import BreakGlass, Verdict
from vad.domain.identifiers import BreakGlassId, PersonId, StaffId
from vad.domain.staff import StaffMember, StaffRole
from vad.domain.staff_session import StaffAccount, StaffSession


@dataclass(frozen=True, slots=True)
class StaffIdentity:
    """Who came back from the identity provider of staff, as strongly as was demanded."""

    issuer: str
    subject: str
    roles: frozenset[StaffRole]
    """Those that exist here; there may be none."""
    auth_time: datetime


@dataclass(frozen=True, slots=True)
class PendingStaffLogin:
    """A visit to the identity provider of staff that has not come back yet."""

    state: str
    nonce: str
    code_verifier: str
    browser: bytes
    began_at: datetime
    language: str
    page: str
    """The address that was asked for, within the application."""


class StaffIdentityProvider(Protocol):
    """Where staff prove who they are."""

    def begin(self, login: PendingStaffLogin) -> str:
        """The address to send the browser to."""

    def complete(self, login: PendingStaffLogin, response: Mapping[str, str], at: datetime) -> StaffIdentity:
        """Check what came back and who it is. Raises `LoginFailedError`, `RegisterUnavailableError`."""


class StaffTokens(Protocol):
    """Reads what the identity provider of staff gives to programs."""

    def read(self, token: str, at: datetime) -> StaffIdentity | None:
        """Whose it is; None unless it is a live access token for the API of the log.

        Raises `RegisterUnavailableError` where the provider's keys can't be had.
        """


class PendingStaffLogins(Protocol):
    """Visits to it, by their `state`."""

    def add(self, login: PendingStaffLogin) -> None: ...

    def take(self, state: str, browser: bytes) -> PendingStaffLogin | None:
        """Remove and return it, but only for the browser it is bound to; anybody else leaves it untouched."""


class StaffSessions(Protocol):
    """Logins of staff, by their cookie."""

    def add(self, cookie: str, session: StaffSession) -> None: ...

    def get(self, cookie: str) -> StaffSession | None:
        """What stands there, whether it lives or not."""

    def touch(self, cookie: str, at: datetime) -> StaffSession | None:
        """The live one; asking counts as activity."""

    def remove(self, cookie: str) -> None: ...


class StaffDrafts(Protocol):
    """What staff typed when their login ended: sealed, for an hour; the last of each account."""

    def add(self, account: StaffId, page: str, fields: tuple[tuple[str, str], ...]) -> None:
        """Keep it for this account, and for this page alone."""

    def take(self, account: StaffId, page: str) -> tuple[tuple[str, str], ...]:
        """Remove and return it; empty, and nothing changed, for any other page."""


class StaffAccounts(Protocol):
    """Accounts of staff and the persons behind them."""

    def find(self, issuer: str, subject: str) -> StaffAccount | None:
        """The account, ended or not; of several the one that is not."""

    def add(self, account: StaffAccount) -> bool:
        """False when somebody has enrolled with this account before."""

    def get(self, account: StaffId) -> StaffAccount | None: ...

    def ended(self, account: StaffId) -> bool:
        """Whether it was ended: nothing goes on with it from then on."""

    def listed(self, limit: int, after: tuple[datetime, UUID] | None = None) -> tuple[StaffAccount, ...]:
        """Accounts, ended ones too, the newest first; those enrolled before `after`."""

    def shown(self, person: PersonId, since: datetime) -> frozenset[PersonId]:
        """Who was shown since then, or taken away whole, by any account of this person and without another's consent.

        Whoever asks for the same person waits until this transaction is over.
        """

    def end(self, account: StaffId, at: datetime) -> StaffAccount | None:
        """End it for good; None where it is none, or ended already."""


class BreakGlassRecords(Protocol):
    """Views that staff took outside their roles."""

    def add(self, taken: BreakGlass) -> None: ...

    def get(self, name: BreakGlassId) -> BreakGlass | None: ...

    def held(self, account: StaffId, at: datetime) -> tuple[BreakGlass, ...]:
        """Those of this account that hold at `at`."""

    def since(self, since: datetime) -> tuple[BreakGlass, ...]:
        """First those that nobody has looked into, the oldest first; then those taken since then, newest first."""

    def review(self, name: BreakGlassId, by: StaffMember, verdict: Verdict, at: datetime) -> bool:
        """Write down what another person found; False where somebody has done so."""

    def unreviewed(self, before: datetime) -> int:
        """How many that were taken before then nobody has looked into."""


class HandledSignals(Protocol):
    """Signals that somebody has handled, by their keys."""

    def handled(self, keys: Sequence[tuple[str, str, str]]) -> frozenset[tuple[str, str, str]]:
        """Those of them that somebody has."""

    def raised(self) -> frozenset[tuple[str, str, str]]:
        """Those that the worker has said are there."""

    def handle(self, key: tuple[str, str, str], by: StaffId, at: datetime) -> bool:
        """Write down that somebody has; False where somebody else had."""
