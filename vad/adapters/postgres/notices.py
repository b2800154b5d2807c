"""The notices store: what people are told, each once."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from vad.adapters.postgres.notice_rows import NoticeRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import PersonId
from vad.domain.notice import Notice
from vad.services.ports.notices import ToldNotice

_NOTICES = table(NoticeRow)
_C = _NOTICES.c
_COLUMNS = (_C.notice_id, _C.person_id, _C.notice, _C.about, _C.told_at)

_ADD = Query(
    insert(_NOTICES)
    .values({column.name: bindparam(column.name) for column in _COLUMNS})
    .on_conflict_do_nothing(index_elements=[_C.person_id, _C.notice, _C.about])
)
_GET = Query(select(*_COLUMNS).where(_C.notice_id == bindparam("notice_id")))
_COUNT = Query(
    select(func.count()).where(
        _C.person_id == bindparam("person_id"), _C.notice == bindparam("notice"), _C.told_at > bindparam("since")
    )
)
_OLD = select(_C.notice_id).where(_C.told_at < bindparam("before")).order_by(_C.told_at).limit(bindparam("most"))
_FORGET_OLD = Query(delete(_NOTICES).where(_C.notice_id.in_(_OLD)))


class PostgresNotices:
    """`vad.services.ports.notices.Notices` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, person_id: PersonId, notice: Notice, about: str, at: datetime) -> UUID | None:
        notice_id = uuid4()
        added = self._transaction.count(
            _ADD, notice_id=notice_id, person_id=person_id, notice=notice.value, about=about, told_at=at
        )
        return notice_id if added else None

    def get(self, notice_id: UUID) -> ToldNotice | None:
        rows = self._transaction.read(_GET, notice_id=notice_id)
        if not rows:
            return None
        known_id, person_id, notice, about, at = rows[0]
        return ToldNotice(known_id, PersonId(person_id), Notice(notice), about, at)

    def count(self, person_id: PersonId, notice: Notice, since: datetime) -> int:
        rows = self._transaction.read(_COUNT, person_id=person_id, notice=notice.value, since=since)
        return int(rows[0][0])

    def forget_old(self, before: datetime, limit: int) -> int:
        return self._transaction.count(_FORGET_OLD, before=before, most=limit)
