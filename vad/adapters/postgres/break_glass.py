"""Views that staff took outside their roles."""

from datetime import datetime

from sqlalchemy import bindparam, case, func, insert, or_, select, update

from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.staff_rows import BreakGlassRow
from vad.adapters.postgres.transaction import Transaction
from vad.domain.break_glass import BreakGlass, Verdict
from vad.domain.identifiers import BreakGlassId, PersonId, StaffId
from vad.domain.staff import StaffAction, StaffMember

_TAKEN = table(BreakGlassRow)
_C = _TAKEN.c
_MOST = 500
_GIVEN = (
    _C.break_glass_id,
    _C.account_id,
    _C.person_id,
    _C.action,
    _C.reason,
    _C.case_number,
    _C.taken_at,
    _C.ends_at,
)
_COLUMNS = (*_GIVEN, _C.reviewed_at, _C.verdict)
_THIS = _C.break_glass_id == bindparam("this_one")
_ADD = Query(insert(_TAKEN).values({column.name: bindparam(column.name) for column in _GIVEN}))
_GET = Query(select(*_COLUMNS).where(_THIS))
_HELD = Query(
    select(*_COLUMNS).where(
        _C.account_id == bindparam("of_account"), _C.ends_at > bindparam("at"), _C.taken_at <= bindparam("at")
    )
)
_SINCE = Query(
    select(*_COLUMNS)
    .where(or_(_C.reviewed_at.is_(None), _C.taken_at >= bindparam("since")))
    # What waits the longest is cut off last of all.
    .order_by(_C.reviewed_at.isnot(None), case((_C.reviewed_at.is_(None), _C.taken_at)), _C.taken_at.desc())
    .limit(_MOST)
)
_UNREVIEWED = Query(
    select(func.count()).select_from(_TAKEN).where(_C.reviewed_at.is_(None), _C.taken_at <= bindparam("before"))
)
_REVIEW = Query(
    update(_TAKEN)
    .where(_THIS, _C.reviewed_at.is_(None))
    .values(
        {name: bindparam(f"by_{name}") for name in ("reviewed_account", "reviewed_person", "reviewed_at", "verdict")}
    )
)


class PostgresBreakGlass:
    """`vad.services.ports.staff.BreakGlassRecords` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, taken: BreakGlass) -> None:
        self._transaction.change(
            _ADD,
            break_glass_id=taken.break_glass_id,
            account_id=taken.account,
            person_id=taken.person,
            action=taken.action.value,
            reason=taken.reason,
            case_number=taken.case_number,
            taken_at=taken.taken_at,
            ends_at=taken.ends_at,
        )

    def get(self, name: BreakGlassId) -> BreakGlass | None:
        found = _read(self._transaction.read(_GET, this_one=name))
        return found[0] if found else None

    def held(self, account: StaffId, at: datetime) -> tuple[BreakGlass, ...]:
        return _read(self._transaction.read(_HELD, of_account=account, at=at))

    def since(self, since: datetime) -> tuple[BreakGlass, ...]:
        return _read(self._transaction.read(_SINCE, since=since))

    def review(self, name: BreakGlassId, by: StaffMember, verdict: Verdict, at: datetime) -> bool:
        changed = self._transaction.count(
            _REVIEW,
            this_one=name,
            by_reviewed_account=by.account,
            by_reviewed_person=by.person,
            by_reviewed_at=at,
            by_verdict=verdict.value,
        )
        return changed == 1

    def unreviewed(self, before: datetime) -> int:
        [(number,)] = self._transaction.read(_UNREVIEWED, before=before)
        return int(number)


def _read(rows: list[Row]) -> tuple[BreakGlass, ...]:
    return tuple(
        BreakGlass(
            BreakGlassId(name),
            StaffId(account),
            PersonId(person),
            StaffAction(action),
            reason,
            case_number,
            taken_at,
            ends_at,
            reviewed_at,
            Verdict(verdict) if verdict else None,
        )
        for name, account, person, action, reason, case_number, taken_at, ends_at, reviewed_at, verdict in rows
    )
