"""The store of what takes two people of the staff. That there were two is checked by the database as well."""

from datetime import datetime

from psycopg2.extras import Json
from sqlalchemy import bindparam, func, insert, literal_column, select, update

from vad.adapters.postgres.approval_rows import StaffRequestRow
from vad.adapters.postgres.query import Query, Row
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.approval import RequestState, StaffRequest
from vad.domain.identifiers import PersonId, RequestId, StaffId

_REQUESTS = table(StaffRequestRow)
_C = _REQUESTS.c
_COLUMNS = tuple(_C)
_THIS = _C.request_id == bindparam("this_request")
_WAITS = _C.state == literal_column("'requested'")  # as in the predicate of the index

_ADD = Query(insert(_REQUESTS).values({column.name: bindparam(column.name) for column in _COLUMNS}))
_GET = Query(select(*_COLUMNS).where(_THIS))
_HOLD = Query(select(*_COLUMNS).where(_THIS).with_for_update())
_WAITING = Query(
    select(*_COLUMNS)
    .where(_WAITS, _C.expires_at > bindparam("at"))
    .order_by(_C.requested_at, _C.request_id)
    .limit(bindparam("most"))
)
_OVER = Query(select(*_COLUMNS).where(~_WAITS).order_by(_C.requested_at.desc(), _C.request_id).limit(bindparam("most")))
_DECIDE = Query(
    update(_REQUESTS)
    .where(_THIS, _WAITS)
    .values(
        state=bindparam("to_state"),
        decided_account=bindparam("by_account"),
        decided_person=bindparam("by_person"),
        decided_at=bindparam("at"),
    )
    .returning(_C.request_id)
)
# The guard of the table goes by PostgreSQL's clock: with another that is ahead of it, one request would fail them all.
_OVERDUE = (
    select(_C.request_id)
    .where(_WAITS, _C.expires_at <= func.least(bindparam("at"), func.now()))
    .order_by(_C.expires_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_EXPIRE = Query(
    update(_REQUESTS)
    .where(_C.request_id.in_(_OVERDUE))
    .values(state=literal_column("'expired'"))
    .returning(_C.request_id, _C.kind)
)


class PostgresStaffRequests:
    """`vad.services.ports.staff_requests.StaffRequests` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def add(self, request: StaffRequest) -> None:
        self._transaction.change(
            _ADD,
            request_id=request.request_id,
            kind=request.kind,
            payload=Json(dict(request.payload)),
            concerning=sorted(request.concerning),
            account=request.account,
            person=request.person,
            reason=request.reason,
            case_number=request.case_number,
            requested_at=request.requested_at,
            expires_at=request.expires_at,
            state=request.state.value,
            decided_account=request.decided_account,
            decided_person=request.decided_person,
            decided_at=request.decided_at,
        )

    def get(self, request_id: RequestId) -> StaffRequest | None:
        rows = self._transaction.read(_GET, this_request=request_id)
        return _request(rows[0]) if rows else None

    def hold(self, request_id: RequestId) -> StaffRequest | None:
        rows = self._transaction.change(_HOLD, this_request=request_id)
        return _request(rows[0]) if rows else None

    def waiting(self, at: datetime, limit: int) -> tuple[StaffRequest, ...]:
        return tuple(map(_request, self._transaction.read(_WAITING, at=at, most=limit)))

    def over(self, limit: int) -> tuple[StaffRequest, ...]:
        return tuple(map(_request, self._transaction.read(_OVER, most=limit)))

    def decide(self, request: StaffRequest) -> bool:
        decided = self._transaction.change(
            _DECIDE,
            this_request=request.request_id,
            to_state=request.state.value,
            by_account=request.decided_account,
            by_person=request.decided_person,
            at=request.decided_at,
        )
        return bool(decided)

    def expire(self, at: datetime, limit: int) -> tuple[tuple[RequestId, str], ...]:
        rows = self._transaction.change(_EXPIRE, at=at, most=limit)
        return tuple((RequestId(request_id), kind) for request_id, kind in rows)


def _request(row: Row) -> StaffRequest:
    request_id, kind, payload, concerning, account, person, reason, number, requested_at, expires_at, *rest = row
    state, by_account, by_person, decided_at = rest
    return StaffRequest(
        request_id=RequestId(request_id),
        kind=kind,
        payload=payload,
        concerning=frozenset(map(PersonId, concerning)),
        account=StaffId(account),
        person=PersonId(person),
        reason=reason,
        case_number=number,
        requested_at=requested_at,
        expires_at=expires_at,
        state=RequestState(state),
        decided_account=None if by_account is None else StaffId(by_account),
        decided_person=None if by_person is None else PersonId(by_person),
        decided_at=decided_at,
    )
