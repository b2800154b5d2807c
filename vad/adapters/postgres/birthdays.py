"""The birthdays store: what parents and children are to be told of beforehand."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from vad.adapters.postgres.notice_rows import BirthdayRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.birthday import Watch
from vad.domain.identifiers import PersonId

_BIRTHDAYS = table(BirthdayRow)
_C = _BIRTHDAYS.c
_KEY = (_C.child, _C.holder, _C.years)
_COLUMNS = (*_KEY, _C.month, _C.told)
_THIS = (_C.child == bindparam("of_child"), _C.holder == bindparam("of_holder"), _C.years == bindparam("of_years"))

_ADD = Query(
    insert(_BIRTHDAYS)
    .values({column.name: bindparam(column.name) for column in _COLUMNS})
    .on_conflict_do_nothing(index_elements=_KEY)
)
_DUE = (
    select(*_KEY)
    .where(_C.month <= bindparam("today"), or_(_C.looked_on.is_(None), _C.looked_on < bindparam("today")))
    .order_by(_C.month)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_TAKE = Query(
    update(_BIRTHDAYS).where(tuple_(*_KEY).in_(_DUE)).values(looked_on=bindparam("today")).returning(*_COLUMNS)
)
_TOLD = Query(update(_BIRTHDAYS).where(*_THIS).values(told=func.greatest(_C.told, bindparam("notices"))))
_FORGET = Query(delete(_BIRTHDAYS).where(*_THIS))


class PostgresBirthdays:
    """`vad.services.ports.notices.Birthdays` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def watch(self, watches: Sequence[Watch]) -> int:
        return sum(
            self._transaction.count(
                _ADD, child=each.child, holder=each.holder, years=each.years, month=each.month, told=each.told
            )
            for each in watches
        )

    def take(self, today: date, limit: int) -> tuple[Watch, ...]:
        rows = self._transaction.change(_TAKE, today=today, most=limit)
        return tuple(
            Watch(PersonId(child), PersonId(holder), years, month, told) for child, holder, years, month, told in rows
        )

    def told(self, watch: Watch, notices: int) -> None:
        self._transaction.change(
            _TOLD, of_child=watch.child, of_holder=watch.holder, of_years=watch.years, notices=notices
        )

    def forget(self, watch: Watch) -> None:
        self._transaction.change(_FORGET, of_child=watch.child, of_holder=watch.holder, of_years=watch.years)
