"""Who of the staff could do what and did what in a quarter or a year, to be reviewed (BIO2, rule 44).

Accounts alone, no names: whoever reviews holds them against the list of the organisation.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from vad.domain.case_events import CasesListed, CaseViewed
from vad.domain.identifiers import StaffId
from vad.domain.inquiry_events import PersonNotFound, PersonSought, PersonUnmasked
from vad.domain.log_events import LogExported, LogExportFinished, LogNotWhole, LogVerified
from vad.domain.review_period import ReviewPeriod
from vad.domain.staff import StaffAction, StaffMember, check
from vad.domain.staff_events import (
    BreakGlassTaken,
    StaffEnrolled,
    StaffEnrolmentFailed,
    StaffLoggedIn,
    StaffLoggedOut,
    StaffLoginFailed,
    StaffRefused,
    StaffViewed,
)

UNUSED_AFTER: Final = timedelta(days=90)
"""An account that nobody used for so long should be asked about."""
_LOGINS: Final = frozenset(
    each.type for each in (StaffLoggedIn, StaffLoggedOut, StaffLoginFailed, StaffEnrolled, StaffEnrolmentFailed)
)
_LOOKS: Final = frozenset(
    each.type
    for each in (
        CasesListed,
        CaseViewed,
        LogExported,
        LogExportFinished,
        LogNotWhole,
        LogVerified,
        PersonNotFound,
        PersonSought,
    )
)
"""Looking, besides the pages; each with an event of its own."""
_APART: Final = frozenset({PersonUnmasked.type, BreakGlassTaken.type, StaffRefused.type})


@dataclass(frozen=True, slots=True)
class Account:
    """An account of staff. None: the log speaks of it, and nobody has enrolled it."""

    account: StaffId
    enrolled_at: datetime | None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """How often an account did one thing."""

    account: StaffId
    type: str
    action: str
    """Which view it was, where it was one."""
    break_glass: bool
    times: int


@dataclass(frozen=True, slots=True)
class LastSeen:
    """When somebody last logged in with an account and with which roles, and when anything was last done with it."""

    login_at: datetime | None
    roles: tuple[str, ...]
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pair:
    """What one asked for and another approved. No asker: the log does not have the request any more."""

    asked: StaffId | None
    approved: StaffId
    times: int


class StaffRecords(Protocol):
    """What the log and the accounts say; a period is from `since` to before `until`."""

    def accounts(self, since: datetime, until: datetime) -> tuple[Account, ...]:
        """Those that could be used in the period, the oldest first."""

    def done(self, since: datetime, until: datetime) -> tuple[Done, ...]:
        """What was done in it, by account and kind."""

    def last_seen(self, accounts: Collection[StaffId], until: datetime) -> Mapping[StaffId, LastSeen]:
        """Of each of these, the latest before `until`."""

    def pairs(self, since: datetime, until: datetime) -> tuple[Pair, ...]:
        """Who approved whose requests in it."""


@dataclass(frozen=True, slots=True)
class AccountUse:
    """One account in the period."""

    account: Account
    seen: LastSeen
    unused: bool
    """At the end of the period, or now: for more than 90 days, and it has not ended."""
    views: Mapping[str, int] = field(default_factory=Counter)
    changes: Mapping[str, int] = field(default_factory=Counter)
    logins: int = 0
    unmaskings: int = 0
    break_glass_taken: int = 0
    break_glass_views: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class AccessReview:
    """The report."""

    period: ReviewPeriod
    uses: tuple[AccountUse, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class AccessReviews:
    """The use case."""

    records: StaffRecords

    def review(self, member: StaffMember, period: ReviewPeriod, at: datetime) -> AccessReview:
        """The report of this period, as far as it is over. Raises `NotPermittedError`."""
        check(member, StaffAction.ACCESS_REVIEW)
        return review(self.records, period, at)


def review(records: StaffRecords, period: ReviewPeriod, at: datetime) -> AccessReview:
    """The same for an operator, who has the database anyway."""
    since, until = period.since, min(period.until, at)
    done: dict[StaffId, list[Done]] = {}
    for each in records.done(since, until):
        done.setdefault(each.account, []).append(each)
    known = {each.account: each for each in records.accounts(since, until)}
    # Who did something and has no account here is what a review is for.
    known |= {account: Account(account, None) for account in done if account not in known}
    seen = records.last_seen(tuple(known), until)
    uses = (_use(each, seen[each.account], done.get(each.account, ()), until) for each in known.values())
    return AccessReview(period, tuple(uses), records.pairs(since, until))


def _use(account: Account, seen: LastSeen, done: Iterable[Done], until: datetime) -> AccountUse:
    views, changes, by_type = Counter[str](), Counter[str](), Counter[str]()
    break_glass_views = 0
    for each in done:
        by_type[each.type] += each.times
        if each.type == StaffViewed.type:
            views[each.action] += each.times
            break_glass_views += each.times if each.break_glass else 0
        elif each.type in _LOOKS:
            views[each.type] += each.times
        elif each.type not in _LOGINS | _APART:
            changes[each.type] += each.times
    last = max((at for at in (seen.used_at, seen.login_at, account.enrolled_at) if at is not None), default=until)
    return AccountUse(
        account,
        seen,
        unused=account.ended_at is None and until - last > UNUSED_AFTER,
        views=views,
        changes=changes,
        logins=by_type[StaffLoggedIn.type],
        unmaskings=by_type[PersonUnmasked.type],
        break_glass_taken=by_type[BreakGlassTaken.type],
        break_glass_views=break_glass_views,
        refused=by_type[StaffRefused.type],
    )
