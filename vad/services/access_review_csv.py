"""The review of access as a file for a spreadsheet (RFC 4180)."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from vad.services.access_review import AccessReview
from vad.services.spreadsheet import BOM, row

_COUNTS: Final = ("logins", "unmaskings", "break_glass_taken", "break_glass_views", "refused")
_COLUMNS: Final = (
    "period",
    "account",
    "enrolled_at",
    "ended_at",
    "roles_at_last_login",
    "last_login_at",
    "last_used_at",
    "unused_over_90_days",
    *_COUNTS,
    "views",
    "views_by_kind",
    "changes",
    "changes_by_kind",
    "approved_requests_of",
)


def as_csv(found: AccessReview) -> Iterator[str]:
    """One line an account, after one that names the columns. Names and values are codes, in no language."""
    yield BOM + row(_COLUMNS)
    for use in found.uses:
        mine = [pair for pair in found.pairs if pair.approved == use.account.account]
        approved = {str(pair.asked or "unknown"): pair.times for pair in mine}
        yield row(
            (
                found.period.name,
                str(use.account.account),
                _moment(use.account.enrolled_at),
                _moment(use.account.ended_at),
                " ".join(use.seen.roles),
                _moment(use.seen.login_at),
                _moment(use.seen.used_at),
                "yes" if use.unused else "no",
                *(str(getattr(use, name)) for name in _COUNTS),
                str(sum(use.views.values())),
                _counted(use.views),
                str(sum(use.changes.values())),
                _counted(use.changes),
                _counted(approved),
            )
        )


def _counted(times: Mapping[str, int]) -> str:
    return " ".join(f"{kind}={number}" for kind, number in sorted(times.items()))


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at is not None else ""
