"""The accounts of staff."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from vad.adapters.postgres.audit_rows import AuditEventRow
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.staff_rows import StaffAccountRow
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import PersonId, StaffId
from vad.domain.inquiry_events import PersonExported, PersonUnmasked
from vad.domain.staff_session import StaffAccount

_ACCOUNTS = table(StaffAccountRow)
_C, _EVENTS = _ACCOUNTS.c, table(AuditEventRow)
_COLUMNS = (_C.account_id, _C.issuer, _C.subject, _C.person_id, _C.enrolled_at, _C.ended_at)
_FIND = Query(select(*_COLUMNS).where(_C.issuer == bindparam("of_issuer"), _C.subject == bindparam("of_subject")))
_GET = Query(select(*_COLUMNS).where(_C.account_id == bindparam("this_account")))
_ADD = Query(
    insert(_ACCOUNTS)
    .values({column.name: bindparam(column.name) for column in _COLUMNS})
    .on_conflict_do_nothing(index_elements=[_C.issuer, _C.subject])
    .returning(_C.account_id)
)


_NEWEST = select(*_COLUMNS).order_by(_C.enrolled_at.desc(), _C.account_id.desc()).limit(bindparam("most"))
_LISTED = Query(_NEWEST)
_FURTHER = Query(
    _NEWEST.where(tuple_(_C.enrolled_at, _C.account_id) < tuple_(bindparam("last_at"), bindparam("last_id")))
)
_END = Query(
    update(_ACCOUNTS)
    .where(_C.account_id == bindparam("this_account"), _C.ended_at.is_(None))
    .values(ended_at=func.greatest(bindparam("at"), _C.enrolled_at))
    .returning(*_COLUMNS)
)
_HOLD = Query(select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("person"), literal_column("0")))))
_SHOWN = Query(
    select(_EVENTS.c.represented)
    .distinct()
    .where(
        _EVENTS.c.staff.in_(select(_C.account_id).where(_C.person_id == bindparam("of_person"))),
        _EVENTS.c.recorded_at >= bindparam("since"),
        _EVENTS.c.type.in_([literal_column(f"'{kind.type}'") for kind in (PersonUnmasked, PersonExported)]),
        # What two people agreed to names its request.
        literal_column("evidence ->> 'request'").is_(None),
        _EVENTS.c.represented.is_not(None),
    )
)


class PostgresStaffAccounts:
    """`vad.services.ports.staff.StaffAccounts` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, issuer: str, subject: str) -> StaffAccount | None:
        return _only(self._transaction.read(_FIND, of_issuer=issuer, of_subject=subject))

    def get(self, account: StaffId) -> StaffAccount | None:
        return _only(self._transaction.read(_GET, this_account=account))

    def ended(self, account: StaffId) -> bool:
        known = self.get(account)
        return known is not None and known.ended_at is not None

    def listed(self, limit: int, after: tuple[datetime, UUID] | None = None) -> tuple[StaffAccount, ...]:
        if after is None:
            rows = self._transaction.read(_LISTED, most=limit)
        else:
            rows = self._transaction.read(_FURTHER, most=limit, last_at=after[0], last_id=after[1])
        return tuple(map(_account, rows))

    def shown(self, person: PersonId, since: datetime) -> frozenset[PersonId]:
        self._transaction.change(_HOLD, person=f"shown {person}")
        return frozenset(PersonId(each) for (each,) in self._transaction.read(_SHOWN, of_person=person, since=since))

    def end(self, account: StaffId, at: datetime) -> StaffAccount | None:
        return _only(self._transaction.change(_END, this_account=account, at=at))

    def add(self, account: StaffAccount) -> bool:
        added = self._transaction.change(
            _ADD,
            account_id=account.account,
            issuer=account.issuer,
            subject=account.subject,
            person_id=account.person,
            enrolled_at=account.enrolled_at,
            ended_at=account.ended_at,
        )
        return bool(added)


def _only(rows: list[Row]) -> StaffAccount | None:
    return _account(rows[0]) if rows else None


def _account(row: Row) -> StaffAccount:
    account, issuer, subject, person, enrolled_at, ended_at = row
    return StaffAccount(StaffId(account), issuer, subject, PersonId(person), enrolled_at, ended_at)
