"""The statements by which the worker finds mandates: what is over, what ends soon, what the register is to be asked."""

from datetime import timedelta

from sqlalchemy import Uuid, and_, any_, bindparam, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.mandate_reading import ACTIVE, IS_OPEN, MANDATES, READ
from vad.adapters.postgres.notice_rows import NoticeRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.domain.notice import Notice

_M, _N = MANDATES.c, table(NoticeRow).c

OVERDUE = Query(
    select(*READ)
    .where(or_(and_(ACTIVE, _M.ends_at <= bindparam("at")), and_(IS_OPEN, _M.answer_by <= bindparam("at"))))
    .order_by(_M.mandate_id)
    .limit(bindparam("most"))
)
CHECK_AGAIN = Query(
    update(MANDATES)
    .where(_M.mandate_id == any_(bindparam("these", type_=ARRAY(Uuid()))))
    .values(checked_at=bindparam("checked_at"))
)
REMIND_FROM, REMIND_UNTIL = timedelta(days=23), timedelta(days=30)
"""Some days' grace: a worker that stood still for a while says "thirty days" all the same."""
_IN_UTC = func.timezone(literal_column("'UTC'"), _M.ends_at)
_REMINDED = exists(
    select(literal_column("1")).where(
        _N.person_id == _M.represented,
        _N.notice == literal_column(f"'{Notice.MANDATE_ENDS_SOON.value}'"),
        _N.about
        == func.concat(_M.mandate_id, literal_column("' '"), func.to_char(_IN_UTC, literal_column("'YYYY-MM-DD'"))),
    )
)
ENDING = Query(
    select(*READ)
    .where(
        ACTIVE,
        _M.ends_at > bindparam("after"),
        _M.ends_at <= bindparam("until"),
        _M.changed_at <= _M.ends_at - literal_column("interval '30 days'"),
        ~_REMINDED,
    )
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, of=MANDATES)
)

_CHECKED_NOW = (
    select(_M.mandate_id)
    .where(ACTIVE, _M.checked_at <= bindparam("before"))
    .order_by(_M.checked_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
TO_CHECK = Query(
    update(MANDATES).where(_M.mandate_id.in_(_CHECKED_NOW)).values(checked_at=bindparam("at")).returning(*READ)
)
