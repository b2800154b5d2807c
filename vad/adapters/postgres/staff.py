"""The accounts of staff."""

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.staff_rows import StaffAccountRow
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import PersonId, StaffId
from vad.domain.staff_session import StaffAccount

_ACCOUNTS = table(StaffAccountRow)
_C = _ACCOUNTS.c
_COLUMNS = (_C.account_id, _C.issuer, _C.subject, _C.person_id, _C.enrolled_at, _C.ended_at)
_FIND = Query(select(*_COLUMNS).where(_C.issuer == bindparam("of_issuer"), _C.subject == bindparam("of_subject")))
_GET = Query(select(*_COLUMNS).where(_C.account_id == bindparam("this_account")))
_ADD = Query(
    insert(_ACCOUNTS)
    .values({column.name: bindparam(column.name) for column in _COLUMNS})
    .on_conflict_do_nothing(index_elements=[_C.issuer, _C.subject])
    .returning(_C.account_id)
)


class PostgresStaffAccounts:
    """`vad.services.ports.staff.StaffAccounts` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def find(self, issuer: str, subject: str) -> StaffAccount | None:
        return _only(self._transaction.read(_FIND, of_issuer=issuer, of_subject=subject))

    def get(self, account: StaffId) -> StaffAccount | None:
        return _only(self._transaction.read(_GET, this_account=account))

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
    if not rows:
        return None
    account, issuer, subject, person, enrolled_at, ended_at = rows[0]
    return StaffAccount(StaffId(account), issuer, subject, PersonId(person), enrolled_at, ended_at)
