"""What a review of access asks of the log, by the indexes of accounts and of types."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import text

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import StaffId
from vad.services.access_review import Account, Done, LastSeen, Pair

_ACCOUNTS = Query(
    text("""
    SELECT account_id, enrolled_at, ended_at FROM staff_accounts
    WHERE enrolled_at < :until AND (ended_at IS NULL OR ended_at >= :since)
    ORDER BY enrolled_at, account_id
    """)
)
_DONE = Query(
    text("""
    SELECT staff, type, coalesce(evidence ->> 'action', ''), coalesce(evidence ->> 'break_glass', '') = 'true', count(*)
    FROM audit_events WHERE staff IS NOT NULL AND recorded_at >= :since AND recorded_at < :until
    GROUP BY 1, 2, 3, 4
    """)
)
# At the first login nobody knew yet whose account it is: the enrolment, a little later, shares its sid.
_LAST_SEEN = Query(
    text("""
    SELECT account, login.recorded_at, login.roles, used.recorded_at
    FROM unnest(CAST(:accounts AS uuid[])) AS account
    LEFT JOIN LATERAL (
        SELECT recorded_at, evidence -> 'roles' AS roles FROM (
            (SELECT recorded_at, evidence FROM audit_events
             WHERE staff = account AND type = 'staff.logged_in' AND recorded_at < :until
             ORDER BY recorded_at DESC LIMIT 1)
            UNION ALL
            (SELECT begun.recorded_at, begun.evidence FROM audit_events AS enrolled JOIN audit_events AS begun
                ON begun.sid = enrolled.sid AND begun.type = 'staff.logged_in'
                AND begun.recorded_at BETWEEN enrolled.recorded_at - interval '8 hours' AND enrolled.recorded_at
             WHERE enrolled.staff = account AND enrolled.type = 'staff.enrolled' AND enrolled.recorded_at < :until
             ORDER BY begun.recorded_at DESC LIMIT 1)
        ) AS logins ORDER BY recorded_at DESC LIMIT 1
    ) AS login ON true
    LEFT JOIN LATERAL (
        SELECT recorded_at FROM audit_events WHERE staff = account AND outcome = 'success' AND recorded_at < :until
        ORDER BY recorded_at DESC LIMIT 1
    ) AS used ON true
    """)
)
_PAIRS = Query(
    text("""
    SELECT asked.staff, granted.staff, count(DISTINCT granted.event_id)
    FROM audit_events AS granted LEFT JOIN audit_events AS asked
        ON asked.type = 'approval.requested' AND asked.recorded_at < :until
        AND asked.evidence ->> 'request' = granted.evidence ->> 'request'
    WHERE granted.type = 'approval.granted' AND granted.staff IS NOT NULL
        AND granted.recorded_at >= :since AND granted.recorded_at < :until
    GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
    """)
)


class PostgresStaffRecords:
    """`vad.services.access_review.StaffRecords`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accounts(self, since: datetime, until: datetime) -> tuple[Account, ...]:
        with Transaction(self._database) as transaction:
            rows = transaction.read(_ACCOUNTS, since=since, until=until)
        return tuple(Account(StaffId(account), enrolled_at, ended_at) for account, enrolled_at, ended_at in rows)

    def done(self, since: datetime, until: datetime) -> tuple[Done, ...]:
        with Transaction(self._database) as transaction:
            rows = transaction.read(_DONE, since=since, until=until)
        return tuple(Done(StaffId(staff), *told) for staff, *told in rows)

    def last_seen(self, accounts: Collection[StaffId], until: datetime) -> Mapping[StaffId, LastSeen]:
        with Transaction(self._database) as transaction:
            rows = transaction.read(_LAST_SEEN, accounts=list(map(str, accounts)), until=until)
        return {StaffId(account): LastSeen(login, tuple(roles or ()), used) for account, login, roles, used in rows}

    def pairs(self, since: datetime, until: datetime) -> tuple[Pair, ...]:
        with Transaction(self._database) as transaction:
            rows = transaction.read(_PAIRS, since=since, until=until)
        return tuple(Pair(asked and StaffId(asked), StaffId(approved), times) for asked, approved, times in rows)
